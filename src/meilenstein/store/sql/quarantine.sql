-- name: list
select q.id, q.journal_id, j.topic, j.partition, j.record_offset, j.event_type, j.publisher, j.event_id, q.codes, q.state, q.created_at,
       case when j.topic_id = 'hub' then convert_from(j.record_key, 'UTF8')::bigint end as correction_of
from quarantine_item q join journal j on j.id = q.journal_id
where (%(state)s::text is null or q.state = %(state)s) and (%(code)s::text is null or %(code)s = any(q.codes))
  and (%(agency)s::text is null or j.topic = 'milestones.' || %(agency)s or j.publisher = %(agency)s)
  and (%(since)s::timestamptz is null or q.created_at >= %(since)s)
  and (%(first)s::bigint is null or q.id >= %(first)s) and (%(last)s::bigint is null or q.id <= %(last)s)
order by q.id desc limit %(limit)s

-- name: page
select q.id, q.journal_id, j.topic, j.partition, j.record_offset, j.event_type, j.publisher, j.event_id, q.codes, q.state, q.created_at,
       case when j.topic_id = 'hub' then convert_from(j.record_key, 'UTF8')::bigint end as correction_of
from quarantine_item q join journal j on j.id = q.journal_id
where (%(state)s::text is null or q.state = %(state)s) and (%(code)s::text is null or %(code)s = any(q.codes))
  and (%(agency)s::text is null or j.topic = 'milestones.' || %(agency)s or j.publisher = %(agency)s)
  and (%(since)s::timestamptz is null or q.created_at >= %(since)s)
  and (%(first)s::bigint is null or q.id >= %(first)s) and (%(last)s::bigint is null or q.id <= %(last)s)
order by q.id limit %(limit)s

-- name: bounds
select min(q.id), max(q.id), count(*)
from quarantine_item q join journal j on j.id = q.journal_id
where (%(state)s::text is null or q.state = %(state)s) and (%(code)s::text is null or %(code)s = any(q.codes))
  and (%(agency)s::text is null or j.topic = 'milestones.' || %(agency)s or j.publisher = %(agency)s)
  and (%(since)s::timestamptz is null or q.created_at >= %(since)s)
  and (%(first)s::bigint is null or q.id >= %(first)s) and (%(last)s::bigint is null or q.id <= %(last)s)

-- name: codes
select distinct q.codes
from quarantine_item q join journal j on j.id = q.journal_id
where (%(state)s::text is null or q.state = %(state)s) and (%(code)s::text is null or %(code)s = any(q.codes))
  and (%(agency)s::text is null or j.topic = 'milestones.' || %(agency)s or j.publisher = %(agency)s)
  and (%(since)s::timestamptz is null or q.created_at >= %(since)s)
  and (%(first)s::bigint is null or q.id >= %(first)s) and (%(last)s::bigint is null or q.id <= %(last)s)

-- name: item
select q.id, q.journal_id, j.topic, j.partition, j.record_offset, j.event_type, j.publisher, j.event_id, q.codes, q.state, q.created_at,
       case when j.topic_id = 'hub' then convert_from(j.record_key, 'UTF8')::bigint end as correction_of,
       q.reasons, j.raw, j.schema_id, j.record_time, j.received_at, j.header_names, j.header_values
from quarantine_item q join journal j on j.id = q.journal_id where q.id = %(id)s

-- name: records
select q.id as item, q.codes, q.reasons, q.state, q.created_at,
       j.id, j.topic, j.topic_id, j.partition, j.record_offset, j.raw, j.schema_id, j.decode_state, j.refusal_code, j.refusal_detail,
       j.received_at, j.event_type, j.publisher, j.event_id
from quarantine_item q join journal j on j.id = q.journal_id where q.id = any(%(ids)s) order by q.id

-- name: lock
select id from quarantine_item where id = any(%(ids)s) order by id for update

-- name: set_state
update quarantine_item set state = %(state)s where id = %(id)s and state = 'OPEN'

-- name: corrected_items
select id, convert_from(record_key, 'UTF8')::bigint from journal where id = any(%(journal_ids)s) and topic_id = 'hub'

-- name: origins
with recursive chain as (
    select q.id as item, q.id as root, q.journal_id from quarantine_item q where q.id = any(%(items)s)
    union all
    select c.item, p.id, p.journal_id
    from chain c join journal j on j.id = c.journal_id and j.topic_id = 'hub'
         join quarantine_item p on p.id = convert_from(j.record_key, 'UTF8')::bigint
)
select c.item, c.root, j.topic, j.partition, j.record_offset as offset, j.raw, j.event_type, j.publisher, j.event_id
from chain c join journal j on j.id = c.journal_id where j.topic_id <> 'hub'

-- name: corrections_of
select j.id, v.fate, q.id as item
from journal j left join verdict v on v.journal_id = j.id left join quarantine_item q on q.journal_id = j.id
where j.topic_id = 'hub' and j.partition = 0 and j.record_key = convert_to(%(item)s::text, 'UTF8') order by j.id

-- name: accepted_since
select j.id, j.topic, j.topic_id, j.partition, j.record_offset, j.raw, j.schema_id, j.decode_state, j.refusal_code, j.refusal_detail,
       j.received_at
from event e join journal j on j.id = e.journal_id
where j.id > %(after)s and e.received_at >= %(since)s and (%(agency)s::text is null or j.topic = 'milestones.' || %(agency)s or j.publisher = %(agency)s)
order by j.id limit %(limit)s
