-- name: partitions
select c.topic, c.partition, c.topic_id, c.start_offset, c.next_offset,
       case when c.retired_at is null then c.halted_reason end as halted_reason, c.halted_detail,
       (select count(*) from journal j where j.topic_id = c.topic_id and j.partition = c.partition) as journal,
       (select coalesce(sum(to_offset - from_offset + 1), 0)::bigint from gap g where g.topic_id = c.topic_id and g.partition = c.partition) as gaps
from cursor c order by c.topic, c.partition

-- name: fates
select count(*) as records, count(*) filter (where v.fate = 'ACCEPTED') as accepted, count(*) filter (where v.fate = 'DUPLICATE') as duplicate,
       count(*) filter (where v.fate = 'QUARANTINED') as quarantined, count(*) filter (where v.fate is null) as pending
from journal j left join verdict v on v.journal_id = j.id

-- name: reasons
select code, count(*) from verdict, unnest(codes) as code where fate = 'QUARANTINED' group by code order by code

-- name: findings
select code, count(*) from (select code from finding union all select code from source_finding) f group by code order by code

-- name: clocks
select state, count(*) from clock group by state order by state

-- name: cases
select count(*) from case_state

-- name: work
select (select count(*) from batch where state <> 'DONE'), (select count(*) from touched), (select count(*) from outbox where sent_at is null)
