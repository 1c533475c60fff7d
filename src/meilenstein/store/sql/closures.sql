-- name: shared
with mine as (
    select distinct kind, owner, reference, test from mention where file_id = any(%(file_ids)s)
), shared as materialized (  -- else the planner looks the files up again for each place below where they stand
    select m.*, array(
        select n.file_id from mention n
        where n.kind = m.kind and n.owner = m.owner and n.reference = m.reference and n.test = m.test
        limit %(most)s + 1
    ) as file_ids
    from mine m
)
select s.kind, s.owner, s.reference, s.test,
       case when cardinality(s.file_ids) <= %(most)s then s.file_ids end,
       cardinality(s.file_ids) > %(most)s and not exists (
           select from bulk_identifier b
           where b.kind = s.kind and b.owner = s.owner and b.reference = s.reference and b.test = s.test
       )
from shared s
where cardinality(s.file_ids) > %(most)s
   or cardinality(s.file_ids) > 1
      -- By id alone: asked for publisher as well, a planner without statistics walks all files of the publisher each time.
      and (s.owner = '' or s.owner = any(array(select f.publisher from case_file f where f.id = any(s.file_ids))))

-- name: corrections
-- Each row looked up by itself: see events.known. And by its file (offset 0), not among all corrections there ever were.
select e.file_id, t.file_id from (select e.* from event e where e.file_id = any(%(file_ids)s) offset 0) e
cross join lateral (select t.file_id from event t where t.publisher = e.publisher and t.event_id = e.corrects limit 1) t
union
select t.file_id, e.file_id from event t
cross join lateral (select e.file_id from event e where e.publisher = t.publisher and e.corrects = t.event_id offset 0) e
where t.file_id = any(%(file_ids)s)

-- name: mentioning
select file_id from mention where kind = %(kind)s and owner = %(owner)s and reference = %(reference)s and test = %(test)s

-- name: note_bulk
insert into bulk_identifier (kind, owner, reference, test) values (%(kind)s, %(owner)s, %(reference)s, %(test)s)
on conflict do nothing

-- name: hold
-- Nobody waits here: a file that somebody else folds is left to them.
select id from case_file where id = any(%(file_ids)s::bigint[]) order by id for no key update skip locked
