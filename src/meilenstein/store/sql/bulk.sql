-- name: add
insert into bulk_job (kind, selection, actor, reason, state, first_item, last_item, next_item, counts)
values (%(kind)s, %(selection)s, %(actor)s, %(reason)s, %(state)s, %(first_item)s, %(last_item)s, %(first_item)s, %(counts)s)
returning id

-- name: lock_new
select pg_advisory_xact_lock(hashtextextended('bulk ' || %(kind)s, 0))

-- name: unfinished
select id, kind, selection, actor, confirmed_by, reason, state, first_item, last_item, next_item, counts, created_at, changed_at
from bulk_job where state not in ('DONE', 'CANCELLED') and kind = %(kind)s order by id

-- name: one
select id, kind, selection, actor, confirmed_by, reason, state, first_item, last_item, next_item, counts, created_at, changed_at
from bulk_job where id = %(id)s

-- name: hold
select id, kind, selection, actor, confirmed_by, reason, state, first_item, last_item, next_item, counts, created_at, changed_at
from bulk_job where id = %(id)s for update

-- name: list
select id, kind, selection, actor, confirmed_by, reason, state, first_item, last_item, next_item, counts, created_at, changed_at
from bulk_job order by id desc limit %(limit)s

-- name: move
update bulk_job set state = %(state)s, next_item = %(next_item)s, counts = %(counts)s, confirmed_by = %(confirmed_by)s, changed_at = now()
where id = %(id)s

-- name: note_refused
insert into bulk_refused (job_id, item_id, code) select %(job)s, item, code from unnest(%(items)s::bigint[], %(codes)s::text[]) as r (item, code)

-- name: refused
select item_id, code from bulk_refused where job_id = %(job)s order by item_id limit %(limit)s
