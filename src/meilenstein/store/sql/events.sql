-- name: known
select e.publisher, e.event_id, e.journal_id, j.topic, j.partition, j.record_offset, j.raw, j.schema_id
from event e join journal j on j.id = e.journal_id
where (e.publisher, e.event_id) in (select unnest(%(publishers)s::text[]), unnest(%(event_ids)s::text[]))

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
create temporary table staged (publisher text, event_id text, journal_id bigint, event_type text, file_id bigint, corrects text, received_at timestamptz) on commit drop

-- name: copy_staged
copy staged from stdin (format binary)

-- name: insert_staged
insert into event select * from staged order by publisher, event_id on conflict (publisher, event_id) do nothing returning journal_id

-- name: unstage
drop table staged

-- name: mention
insert into mention (file_id, owner, kind, reference, test)
select * from unnest(%(file_ids)s::bigint[], %(owners)s::text[], %(kinds)s::text[], %(references)s::text[], %(tests)s::bool[])
on conflict do nothing

-- name: touch
insert into touched (file_id, change) select * from unnest(%(file_ids)s::bigint[], %(changes)s::text[])

-- name: take_touched
delete from touched where ctid = any(array(select ctid from touched order by at limit %(limit)s for update skip locked))
returning file_id, change

-- name: take_touched_of
delete from touched where file_id = any(%(file_ids)s::bigint[]) returning file_id, change

-- name: of_files
select e.event_type, j.raw, j.schema_id, e.file_id,
       -- A released record broke rules and stands nevertheless: which ones is part of the decision.
       case when v.fate = 'ACCEPTED' then v.warnings
            else array(select jsonb_array_elements_text(d.content -> 'rules') from quarantine_item q join decision d on d.about = 'item:' || q.id
                       where q.journal_id = e.journal_id and d.kind in ('QUARANTINE_RELEASED', 'QUARANTINE_REVALIDATED')) end as warnings
from event e join journal j on j.id = e.journal_id join verdict v on v.journal_id = e.journal_id
where e.file_id = any(%(file_ids)s)

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
