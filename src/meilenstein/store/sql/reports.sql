-- name: run
select id, batch_id, started_at, finished_at, suite_version, data_version, evaluated from validation_run where id = %(run)s

-- name: newest_run
select max(id) from validation_run

-- name: scope_of_days
select id as batch, ((drained_at at time zone 'Europe/Berlin')::date)::text as slot
from batch where drained_at >= %(since)s and drained_at < %(until)s

-- name: scope_of_runs
select batch_id as batch, id::text as slot, started_at from validation_run where id <= %(run)s order by id desc limit %(limit)s

-- name: fates
with scope as materialized (select * from unnest(%(batches)s::bigint[], %(slots)s::text[]) as s (batch, slot))
select s.slot, j.topic, coalesce(v.fate, 'PENDING') as fate, count(*) as n
from scope s join journal j on j.id >> 24 = s.batch
left join verdict v on v.journal_id = j.id and v.journal_id >= %(first)s and v.journal_id < %(last)s
where j.id >= %(first)s and j.id < %(last)s and (not %(by_run)s or v.run_id is null or v.run_id::text = s.slot)
group by s.slot, j.topic, 3

-- name: codes
with scope as materialized (select * from unnest(%(batches)s::bigint[], %(slots)s::text[]) as s (batch, slot))
select s.slot, c.code, c.warning, j.topic, count(*) as n, count(q.id) filter (where q.state = 'OPEN' and not c.warning) as open
from scope s join verdict v on v.journal_id >> 24 = s.batch join journal j on j.id = v.journal_id
cross join lateral (select unnest(v.codes) as code, false as warning union all select unnest(v.warnings), true) c
left join quarantine_item q on q.journal_id = v.journal_id
where v.journal_id >= %(first)s and v.journal_id < %(last)s and j.id >= %(first)s and j.id < %(last)s
  and (v.codes <> '{}' or v.warnings <> '{}') and (not %(by_run)s or v.run_id::text = s.slot)
group by s.slot, c.code, c.warning, j.topic

-- name: examples
with scope as materialized (select * from unnest(%(batches)s::bigint[], %(slots)s::text[]) as s (batch, slot)),
found as (
    -- An event id is shown only where it is one: any other text may hold what a partner wrote about a person.
    select c.code, c.warning, j.topic, j.partition, j.record_offset, j.event_type, q.id as item,
           case when j.event_id ~ '\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z' then j.event_id end as event_id,
           row_number() over (partition by c.code, c.warning order by j.id desc) as place
    from scope s join verdict v on v.journal_id >> 24 = s.batch join journal j on j.id = v.journal_id
    cross join lateral (select unnest(v.codes) as code, false as warning union all select unnest(v.warnings), true) c
    left join quarantine_item q on q.journal_id = v.journal_id
    where v.journal_id >= %(first)s and v.journal_id < %(last)s and j.id >= %(first)s and j.id < %(last)s
      and (v.codes <> '{}' or v.warnings <> '{}') and (not %(by_run)s or v.run_id::text = s.slot)
)
select code, warning, topic, partition, record_offset, event_type, item, event_id from found where place <= %(limit)s order by code, place

-- name: evaluated
with scope as materialized (select * from unnest(%(batches)s::bigint[], %(slots)s::text[]) as s (batch, slot))
select s.slot, e.key as rule, sum(e.value::bigint)::bigint as n
from scope s join validation_run r on r.batch_id = s.batch and (not %(by_run)s or r.id::text = s.slot)
cross join lateral jsonb_each_text(r.rules) e
where e.key = any(%(rules)s) group by s.slot, e.key having sum(e.value::bigint) > 0

-- name: versions
with scope as materialized (select * from unnest(%(batches)s::bigint[], %(slots)s::text[]) as s (batch, slot))
select r.suite_version, r.data_version, count(*) as runs, min(r.started_at) as first_at, max(r.finished_at) as last_at,
       max(r.evaluated) as rules
from validation_run r join scope s on s.batch = r.batch_id where not %(by_run)s or r.id::text = s.slot
group by r.suite_version, r.data_version order by 4

-- name: halted
select topic, partition, halted_reason as reason, halted_detail as detail, halted_at
from cursor where halted_reason is not null and retired_at is null order by halted_at, topic, partition

-- name: seen
select c.topic, max(l.at) as last_at, sum(c.next_offset - c.start_offset)::bigint as records
from cursor c left join lateral (
    select b.drained_at as at from journal j join batch b on b.id = j.id >> 24
    where j.topic_id = c.topic_id and j.partition = c.partition and b.drained_at < %(until)s
    order by j.record_offset desc limit 1
) l on true
group by c.topic order by c.topic

-- name: open
select j.topic, count(*) as n, min(q.created_at) as oldest_at, min(q.id) as oldest_item,
       count(*) filter (where q.created_at < %(week_ago)s) as older_than_week,
       count(*) filter (where q.created_at >= %(week_ago)s and q.created_at < %(day_ago)s) as older_than_day
from quarantine_item q join journal j on j.id = q.journal_id where q.state = 'OPEN' group by j.topic order by j.topic

-- name: open_codes
select j.topic, c.code, count(*) as n
from quarantine_item q join journal j on j.id = q.journal_id cross join lateral unnest(q.codes) as c (code)
where q.state = 'OPEN' group by j.topic, c.code order by j.topic, n desc, c.code

-- name: tick
select as_of, feed_health from tick where created_at < %(until)s order by id desc limit 1

-- name: waiting
select count(*), min(drained_at) from batch where state <> 'DONE'

-- name: findings
-- Without those that a steward decided as they stand.
select code, severity, count(*) as n from finding_view where state = 'OPEN'
group by code, severity order by severity desc, n desc, code

-- name: links
select count(*) from finding_view where state = 'OPEN' and code = 'LINK_PROPOSED' and detail ? 'claimant' and detail ? 'holder'

-- name: proposals
select id, kind, about, content, actor, reason, proposed_at, state, closed_by, closed_at from proposal where state = 'OPEN' order by id
