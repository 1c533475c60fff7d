-- name: new_batch
select nextval('batch_id')

-- name: add_batch
insert into batch (id, n) values (%(id)s, %(n)s)

-- name: copy
copy journal (id, topic_id, partition, record_offset, topic, record_time, record_key, header_names, header_values, raw, schema_id, decode_state, refusal_code, refusal_detail, event_type, publisher, event_id)
from stdin (format binary)

-- name: impatience
set local statement_timeout = '45s'

-- name: patience
set local idle_in_transaction_session_timeout = '15min'

-- name: claim
select id, n from batch where state = %(state)s and not id = any(%(seen)s) order by id for update skip locked limit 1

-- name: finish
update batch set state = %(state)s where id = %(id)s

-- name: unjudged
-- By columns: row by row the same costs the client five times as much.
select j.topic, j.topic_id, j.partition, j.received_at, j.decode_state, j.schema_id,
       array_agg(j.id), array_agg(j.record_offset), array_agg(coalesce(length(j.raw), 0)), string_agg(coalesce(j.raw, ''), '')
from journal j
where j.id >= %(first)s and j.id < %(end)s and j.decode_state <> 'REFUSED' and not exists (select from verdict v where v.journal_id = j.id and v.journal_id >= %(first)s and v.journal_id < %(end)s)
group by j.topic, j.topic_id, j.partition, j.received_at, j.decode_state, j.schema_id

-- name: unjudged_refused
select j.id, j.topic, j.topic_id, j.partition, j.record_offset, null::bytea as raw, j.schema_id, j.decode_state, j.refusal_code, j.refusal_detail, j.received_at
from journal j
where j.id >= %(first)s and j.id < %(end)s and j.decode_state = 'REFUSED' and not exists (select from verdict v where v.journal_id = j.id and v.journal_id >= %(first)s and v.journal_id < %(end)s)
order by j.id

-- name: backlog
select (select count(*) from batch where state = 'OPEN'),
       exists (select from touched), exists (select from outbox where sent_at is null)
