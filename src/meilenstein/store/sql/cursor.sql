-- name: known
select topic, partition, topic_id, start_offset, next_offset, last_offset, last_sha256, halted_reason, halted_detail, halted_at
from cursor where retired_at is null order by topic, partition

-- name: add
insert into cursor (topic, partition, topic_id, start_offset, next_offset) values (%(topic)s, %(partition)s, %(topic_id)s, %(start)s, %(start)s)
on conflict do nothing

-- name: lock
select topic, partition, topic_id, start_offset, next_offset, last_offset, last_sha256, halted_reason, halted_detail, halted_at
from cursor
where retired_at is null and halted_reason is null and (topic, partition) in (select unnest(%(topics)s::text[]), unnest(%(partitions)s::int[]))
order by topic, partition
for update skip locked

-- name: hold
select topic, partition, topic_id, start_offset, next_offset, last_offset, last_sha256, halted_reason, halted_detail, halted_at
from cursor where topic = %(topic)s and partition = %(partition)s and retired_at is null for update

-- name: advance
update cursor set next_offset = %(next)s, last_offset = coalesce(%(last)s, last_offset), last_sha256 = coalesce(%(sha256)s, last_sha256)
where topic = %(topic)s and partition = %(partition)s and topic_id = %(topic_id)s and next_offset = %(expected)s

-- name: halt
update cursor set halted_reason = %(reason)s, halted_detail = %(detail)s, halted_at = now()
where topic = %(topic)s and partition = %(partition)s and halted_reason is null and retired_at is null

-- name: retire
update cursor set retired_at = now() where topic = %(topic)s and partition = %(partition)s and retired_at is null

-- name: resume
update cursor set halted_reason = null, halted_detail = null, halted_at = null, next_offset = %(next)s, last_offset = null, last_sha256 = null
where topic = %(topic)s and partition = %(partition)s and halted_reason is not null and retired_at is null

-- name: add_gap
insert into gap (topic_id, partition, from_offset, to_offset, reason) values (%(topic_id)s, %(partition)s, %(first)s, %(last)s, %(reason)s)
on conflict do nothing
