-- name: patience
select set_config('statement_timeout', %(milliseconds)s, true)

-- name: batches
select id, n, state, drained_at from batch where id > %(after)s or id = any(%(again)s) or state <> 'DONE' order by id

-- name: fates
select j.topic, coalesce(v.fate, 'PENDING'), count(*)
from unnest(%(batches)s::bigint[]) as b (id)
join journal j on j.id >= b.id << 24 and j.id < (b.id + 1) << 24
left join lateral (select v.fate from verdict v where v.journal_id = j.id limit 1) v on true  -- see events.known
group by 1, 2

-- name: partitions
select c.topic, c.partition, c.topic_id, c.next_offset, c.halted_reason, c.halted_at,
       (select max(n.received_at) from cursor o cross join lateral (
            select j.received_at from journal j where j.topic_id = o.topic_id and j.partition = o.partition
            order by j.record_offset desc limit 1
        ) n where o.topic = c.topic and o.partition = c.partition) as received_at
from cursor c where c.retired_at is null order by c.topic, c.partition

-- name: last_events
select publisher, max(received_at) from event where publisher = any(%(publishers)s) group by publisher

-- name: quarantine
select j.topic, count(*), min(q.created_at) from quarantine_item q join journal j on j.id = q.journal_id
where q.state = 'OPEN' group by j.topic order by j.topic

-- name: findings
select code, severity, count(*) from finding_view where state = 'OPEN' group by code, severity order by code, severity

-- name: clocks
select state, count(*) from clock group by state order by state

-- name: unsent
select recipient, kind, count(*), min(created_at) from outbox where sent_at is null group by recipient, kind order by recipient, kind

-- name: proposals
select id, kind, proposed_at from proposal where state = 'OPEN' order by id

-- name: pending_topics
select j.topic, count(*), min(b.drained_at)
from (select id, drained_at from batch where state = %(state)s and drained_at < %(before)s order by id limit 20) b
join journal j on j.id >= b.id << 24 and j.id < (b.id + 1) << 24
left join lateral (select v.fate from verdict v where v.journal_id = j.id limit 1) v on true  -- see events.known
where v.fate is null
group by j.topic order by j.topic

-- name: touched
select distinct f.publisher from (select file_id from touched order by at limit 1000) t
join case_file f on f.id = t.file_id order by f.publisher

-- name: open_batches
select count(*), min(drained_at) from batch where state = 'OPEN' and drained_at < %(before)s
