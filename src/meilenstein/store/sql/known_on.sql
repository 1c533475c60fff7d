-- name: events
-- What was refused at first is known since a decision released it.
select j.raw,
       case when v.fate = 'ACCEPTED' then v.warnings
            else array(select jsonb_array_elements_text(d.content -> 'rules') from quarantine_item q join decision d on d.about = 'item:' || q.id
                       where q.journal_id = e.journal_id and d.kind in ('QUARANTINE_RELEASED', 'QUARANTINE_REVALIDATED')) end as warnings,
       greatest(j.received_at, case when v.fate <> 'ACCEPTED' then (
           select max(d.decided_at) from quarantine_item q join decision d on d.about = 'item:' || q.id
           where q.journal_id = e.journal_id and d.kind in ('QUARANTINE_RELEASED', 'QUARANTINE_REVALIDATED')) end) as known_at
from event e join journal j on j.id = e.journal_id join verdict v on v.journal_id = e.journal_id
where e.file_id = any(%(file_ids)s::bigint[])
order by known_at, e.journal_id

-- name: links
select id, kind, about, content, actor, reason, decided_at, proposal_id, left_file, right_file
from decision where kind = 'LINK' and left_file = any(%(file_ids)s::bigint[]) and right_file = any(%(file_ids)s::bigint[])
order by id

-- name: tick
select as_of, feed_health from tick where created_at < %(until)s order by id desc limit 1

-- name: first_tick
select min(created_at) from tick
