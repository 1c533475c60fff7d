-- name: states_of_files
select s.case_id, s.version, s.file_ids, s.state, s.rule_version, s.next_change_on
from (select distinct case_id from case_member where file_id = any(%(file_ids)s)) m
cross join lateral (select s.* from case_state s where s.case_id = m.case_id limit 1) s  -- see events.known

-- name: drop_case
with gone as (delete from case_state where case_id = any(%(case_ids)s)), f as (delete from finding where case_id = any(%(case_ids)s)),
     c as (delete from clock where case_id = any(%(case_ids)s))
delete from case_member where case_id = any(%(case_ids)s)

-- name: give_way
delete from case_state s using unnest(%(case_ids)s::uuid[], %(versions)s::int[]) as w (case_id, version)
where s.case_id = w.case_id and s.version = w.version

-- name: copy_cases
copy case_state (case_id, version, file_ids, state, rule_version, next_change_on) from stdin (format binary)

-- name: postpone
update case_state set next_change_on = %(next_change_on)s, rule_version = %(rule_version)s where case_id = %(case_id)s and version = %(version)s

-- name: clear_details
with f as (delete from finding where case_id = any(%(case_ids)s)), m as (delete from case_member where case_id = any(%(case_ids)s))
delete from clock where case_id = any(%(case_ids)s)

-- name: copy_members
copy case_member (file_id, case_id) from stdin (format binary)

-- name: copy_findings
copy finding (case_id, code, about, severity, since, detail, asked) from stdin (format binary)

-- name: copy_clocks
copy clock (case_id, clock_id, about, label, paragraph, starts_on, due_on, stopped_on, state, stop_publisher, steps) from stdin (format binary)

-- name: findings_of
select case_id, code, about from finding where case_id = any(%(case_ids)s)

-- name: feeds_of
select recipient, case_id, key, version, state, view from feed_key where case_id = any(%(case_ids)s)

-- name: stage_feeds
create temporary table if not exists staged_feed (recipient text, case_id uuid, key uuid, version int, state text, view bytea) on commit delete rows

-- name: copy_feeds
copy staged_feed from stdin (format binary)

-- name: write_feeds
insert into feed_key (recipient, case_id, key, version, state, view) select * from staged_feed
on conflict (recipient, case_id) do update set version = excluded.version, state = excluded.state, view = excluded.view

-- name: due
insert into touched (file_id, change)
select m.file_id, %(change)s from case_state s join case_member m using (case_id)
where s.next_change_on <= %(as_of)s

-- name: outdated
insert into touched (file_id, change)
select m.file_id, 'RULE_CHANGE' from case_state s join case_member m using (case_id) where s.rule_version <> %(rule_version)s

-- name: waiting_on
insert into touched (file_id, change)
select m.file_id, 'RECALCULATION' from clock c join case_member m using (case_id)
where c.stop_publisher = any(%(publishers)s) and c.stopped_on is null and c.due_on < %(as_of)s

-- name: latest_tick
select as_of, feed_health from tick order by id desc limit 1

-- name: add_tick
insert into tick (as_of, feed_health) values (%(as_of)s, %(feed_health)s)

-- name: by_file
select s.case_id, s.version, s.file_ids, s.state, s.rule_version, s.next_change_on, s.changed_at
from case_state s join case_member m using (case_id) join case_file f on f.id = m.file_id
where f.case_reference = %(reference)s and (%(publisher)s::text is null or f.publisher = %(publisher)s) order by s.case_id

-- name: by_id
select s.case_id, s.version, s.file_ids, s.state, s.rule_version, s.next_change_on, s.changed_at
from case_state s where s.case_id = coalesce((select m.case_id from case_file f join case_member m on m.file_id = f.id where f.case_id = %(case_id)s), %(case_id)s)

-- name: clocks_of
select clock_id, about, label, paragraph, starts_on, due_on, stopped_on, state, stop_publisher, steps from clock where case_id = %(case_id)s order by about, clock_id
