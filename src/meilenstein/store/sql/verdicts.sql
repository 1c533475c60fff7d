-- name: new_run
insert into validation_run (batch_id, started_at, finished_at, suite_version, data_version, evaluated, counts, rules)
values (%(batch_id)s, %(started_at)s, %(finished_at)s, %(suite_version)s, %(data_version)s, %(evaluated)s, %(counts)s, %(rules)s)
returning id

-- name: copy
copy verdict (journal_id, fate, codes, warnings, duplicate_of, run_id, suite_version, data_version) from stdin (format binary)

-- name: runs
select id, batch_id, started_at, finished_at, suite_version, data_version, evaluated, counts, rules
from validation_run order by id desc limit %(limit)s

-- name: run
select id, batch_id, started_at, finished_at, suite_version, data_version, evaluated, counts, rules
from validation_run where id = %(id)s

-- name: quarantine
insert into quarantine_item (journal_id, codes, reasons) values (%(journal_id)s, %(codes)s, %(reasons)s) returning id

-- name: quarantine_list
select q.id, q.journal_id, j.topic, j.partition, j.record_offset, j.event_type, j.publisher, j.event_id, q.codes, q.state, q.created_at
from quarantine_item q join journal j on j.id = q.journal_id
where (%(state)s::text is null or q.state = %(state)s) and (%(code)s::text is null or %(code)s = any(q.codes))
  and (%(agency)s::text is null or j.topic = 'milestones.' || %(agency)s or j.publisher = %(agency)s)
order by q.id desc limit %(limit)s

-- name: quarantine_item
select q.id, q.journal_id, j.topic, j.partition, j.record_offset, j.event_type, j.publisher, j.event_id, q.codes, q.state, q.created_at,
       q.reasons, j.raw, j.schema_id, j.record_time, j.received_at, j.header_names, j.header_values
from quarantine_item q join journal j on j.id = q.journal_id where q.id = %(id)s
