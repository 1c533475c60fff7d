-- name: known
-- Each row looked up by itself (limit 1): after a vacuum that ran while rows were being copied the planner takes tables
-- for empty, and a join of theirs then compares all with all.
select e.publisher, e.event_id, e.journal_id, j.topic, j.partition, j.record_offset, j.raw
from (select distinct publisher, event_id from unnest(%(publishers)s::text[], %(event_ids)s::text[]) as w (publisher, event_id)) w
cross join lateral (select e.* from event e where e.publisher = w.publisher and e.event_id = w.event_id limit 1) e
cross join lateral (select j.* from journal j where j.id = e.journal_id limit 1) j

-- name: files
with wanted as (
    select distinct publisher, case_reference, test
    from unnest(%(publishers)s::text[], %(references)s::text[], %(tests)s::bool[]) as w (publisher, case_reference, test)
), minted as (
    insert into case_file (publisher, case_reference, test)
    select publisher, case_reference, test from wanted order by publisher, case_reference, test
    on conflict do nothing
    returning id, publisher, case_reference, test
)
select id, publisher, case_reference, test from minted
union all
select f.id, f.publisher, f.case_reference, f.test from case_file f join wanted using (publisher, case_reference, test)

-- name: stage
create temporary table staged (
    journal_id bigint, publisher text, event_id text, case_reference text, test boolean, event_type text, corrects text,
    received_at timestamptz, procedure_reference text, referral_id text, case_number text) on commit drop

-- name: stage_references
create temporary table staged_reference (journal_id bigint, owner text, kind text, reference text) on commit drop

-- name: unstage
drop table staged, staged_reference

-- name: sort_in_memory
set local work_mem = '64MB'

-- name: join_by_hashing
-- The rows come in no order that merging could use, but nothing is known of a table that was made a moment ago.
set local enable_mergejoin = off

-- name: copy_staged
copy staged from stdin (format binary)

-- name: copy_staged_references
copy staged_reference from stdin (format binary)

-- name: mint
-- Looked for one by one (limit 1), so that the cost does not grow with the table; only missing ones use up an id.
insert into case_file (publisher, case_reference, test)
select n.publisher, n.case_reference, n.test
from (select distinct publisher, case_reference, test from staged) n
left join lateral (select f.id from case_file f where f.publisher = n.publisher and f.case_reference = n.case_reference and f.test = n.test limit 1) f on true
where f.id is null
order by n.publisher, n.case_reference, n.test
on conflict do nothing

-- name: file
with named as materialized (
    select n.publisher, n.case_reference, n.test, f.id as file_id
    from (select distinct publisher, case_reference, test from staged) n
    cross join lateral (select f.id from case_file f where f.publisher = n.publisher and f.case_reference = n.case_reference and f.test = n.test limit 1) f
), filed as materialized (
    select s.*, n.file_id from staged s join named n using (publisher, case_reference, test)
), inserted as (
    insert into event (publisher, event_id, journal_id, event_type, file_id, corrects, received_at)
    select publisher, event_id, journal_id, event_type, file_id, corrects, received_at
    from filed order by publisher, event_id, journal_id
    on conflict (publisher, event_id) do nothing
    returning journal_id
), taken as materialized (
    select f.* from filed f join inserted i using (journal_id)
), mentioned as (
    insert into mention (file_id, kind, owner, reference, test)
    select distinct * from (
        select file_id, 'CASE' as kind, publisher as owner, case_reference as reference, test from taken
        union all select file_id, 'PROCEDURE', publisher, procedure_reference, test from taken where procedure_reference <> ''
        union all select file_id, 'REFERRAL', publisher, referral_id, test from taken where referral_id <> ''
        union all select file_id, 'NUMBER', '', case_number, test from taken where case_number <> ''
        union all select t.file_id, r.kind, r.owner, r.reference, t.test from staged_reference r join taken t using (journal_id)
    ) m
    order by file_id, kind, owner, reference
    on conflict do nothing
), touching as (
    insert into touched (file_id, change)
    select distinct file_id, case when event_type = 'EventRetracted' then 'RETRACTION' when corrects <> '' then 'CORRECTION' else 'PROGRESS' end
    from taken
)
select (select count(*) from staged), (select count(*) from inserted),
       case when (select count(*) from staged) = (select count(*) from inserted) then '{}'
            else array(select f.journal_id from filed f where not exists (select from inserted i where i.journal_id = f.journal_id)) end

-- name: mention
insert into mention (file_id, owner, kind, reference, test)
select * from unnest(%(file_ids)s::bigint[], %(owners)s::text[], %(kinds)s::text[], %(references)s::text[], %(tests)s::bool[])
on conflict do nothing

-- name: touch
insert into touched (file_id, change) select * from unnest(%(file_ids)s::bigint[], %(changes)s::text[])

-- name: instant
select clock_timestamp()

-- name: take_touched
delete from touched where ctid = any(array(
    select ctid from touched where at <= %(until)s order by at limit %(limit)s for update skip locked
))
returning file_id, change

-- name: take_touched_of
delete from touched where file_id = any(%(file_ids)s::bigint[]) returning file_id, change

-- name: of_files
-- Each row looked up by itself, as in `known`.
select j.raw,
       -- A released record broke rules and stands nevertheless: which ones is part of the decision.
       case when v.fate = 'ACCEPTED' then v.warnings
            else array(select jsonb_array_elements_text(d.content -> 'rules') from quarantine_item q join decision d on d.about = 'item:' || q.id
                       where q.journal_id = e.journal_id and d.kind in ('QUARANTINE_RELEASED', 'QUARANTINE_REVALIDATED')) end as warnings
from event e
cross join lateral (select j.raw from journal j where j.id = e.journal_id limit 1) j
cross join lateral (select v.fate, v.warnings from verdict v where v.journal_id = e.journal_id limit 1) v
where e.file_id = any(%(file_ids)s::bigint[])

-- name: describe_files
select id, publisher, case_reference, test, case_id from case_file where id = any(%(file_ids)s)

-- name: accepted
select j.id, j.raw, j.schema_id, j.received_at
from verdict v join journal j on j.id = v.journal_id
where j.id > %(after)s
  and (v.fate = 'ACCEPTED' or v.fate = 'QUARANTINED' and exists (select from quarantine_item q where q.journal_id = v.journal_id and q.state = 'RELEASED'))
order by j.id limit %(limit)s

-- name: file_ids
select distinct file_id from event order by file_id
