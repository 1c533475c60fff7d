-- name: partitions
select c.topic, c.partition, c.topic_id, c.next_offset, c.halted_reason, c.halted_at,
       (select max(n.received_at) from cursor o cross join lateral (
            select j.received_at from journal j where j.topic_id = o.topic_id and j.partition = o.partition
            order by j.record_offset desc limit 1
        ) n where o.topic = c.topic and o.partition = c.partition) as received_at
from cursor c where c.retired_at is null and c.topic = %(topic)s order by c.partition

-- name: fates
select count(*), count(*) filter (where v.fate = 'ACCEPTED'), count(*) filter (where v.fate = 'DUPLICATE'),
       count(*) filter (where v.fate = 'QUARANTINED'), count(*) filter (where v.fate is null)
from cursor c join journal j on j.topic_id = c.topic_id and j.partition = c.partition left join verdict v on v.journal_id = j.id
where c.topic = %(topic)s

-- name: events
select count(*), max(received_at) from event where publisher = %(agency)s

-- name: quarantine
select code, count(*) from quarantine_item q join journal j on j.id = q.journal_id, unnest(q.codes) as code
where q.state = 'OPEN' and (j.topic = %(topic)s or j.publisher = %(agency)s) group by code order by count(*) desc, code

-- name: quarantine_oldest
select count(*), min(q.created_at) from quarantine_item q join journal j on j.id = q.journal_id
where q.state = 'OPEN' and (j.topic = %(topic)s or j.publisher = %(agency)s)

-- name: questions
select code, count(*) from finding_view where asked = %(agency)s and state = 'OPEN' group by code order by code

-- name: clocks
select state, count(*), min(due_on) from clock
where stop_publisher = %(agency)s and stopped_on is null and state in ('DUE', 'OVER') group by state order by state

-- name: unsent
select kind, count(*), min(created_at) from outbox where recipient = %(agency)s and sent_at is null group by kind order by kind

-- name: feeds
select state, count(*) from feed_key where recipient = %(agency)s group by state order by state
