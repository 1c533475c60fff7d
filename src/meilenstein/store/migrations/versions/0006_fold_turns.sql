-- Locking a row asks for the right to update some column of it; the trigger still refuses every update.
grant update (minted_at) on meilenstein.case_file to meilenstein_pipeline;

-- The largest values: compressing them costs the database more than it saves the disk.
alter table meilenstein.case_state alter column state set storage external;

-- Read as it was written, never searched: as text it is not taken apart and put together again.
alter table meilenstein.clock alter column steps type json;

-- Rows of these tables never change: a vacuum has nothing to find in them, and each burst of events would bring one.
alter table meilenstein.journal set (autovacuum_vacuum_insert_threshold = 1000000);
alter table meilenstein.verdict set (autovacuum_vacuum_insert_threshold = 1000000);
alter table meilenstein.event set (autovacuum_vacuum_insert_threshold = 1000000);
alter table meilenstein.mention set (autovacuum_vacuum_insert_threshold = 1000000);
