-- Identifiers that very many files mention: they link nothing and a fold does not follow them. Derived, and noted here
-- when the limit is first passed, because the files that were folded before must then be folded once more.
create table meilenstein.bulk_identifier (
    kind      text    not null,
    owner     text    not null,
    reference text    not null,
    test      boolean not null,
    primary key (kind, owner, reference, test)
);
grant select, insert, delete on meilenstein.bulk_identifier to meilenstein_pipeline;
