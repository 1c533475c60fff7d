-- name: copy
copy outbox (recipient, topic, key, value, kind) from stdin (format binary)

-- name: waiting
select distinct recipient, topic from outbox where sent_at is null

-- name: hold
select pg_try_advisory_xact_lock(hashtextextended('feedback:' || %(recipient)s, 0))

-- name: unsent
select id, topic, key, value, kind from outbox where recipient = %(recipient)s and sent_at is null order by id limit %(limit)s

-- name: mark
update outbox set sent_at = now() where id = any(%(ids)s)

-- name: forget
delete from outbox where sent_at < now() - make_interval(days => case kind when 'CASE' then %(case_days)s else %(reply_days)s end)
