-- name: search
with known as (
    select f.*,
           'f-' || left(encode(sha256(convert_to(f.case_id || ' ' || f.code || ' ' || f.about, 'utf8')), 'hex'), 10) as number,
           left(encode(sha256(convert_to(
               jsonb_build_object('severity', f.severity, 'since', f.since, 'detail', f.detail)::text, 'utf8')), 'hex'), 32)
               as facts
    from finding f
    where (%(code)s::text is null or f.code = %(code)s)
      and (%(severity)s::text is null or f.severity = %(severity)s)
      and (%(case_id)s::uuid is null or f.case_id = %(case_id)s)
      and (%(agency)s::text is null or exists (
          select from case_member m join case_file c on c.id = m.file_id
          where m.case_id = f.case_id and c.publisher = %(agency)s))
)
select k.number, k.case_id, k.code, k.about, k.severity, k.since, k.detail, k.asked, k.facts,
       case when d.kind = 'FINDING_DECIDE' then 'DECIDED' else 'OPEN' end as state,
       d.kind as last_act, d.outcome, d.actor, d.reason, d.decided_at
from known k
left join lateral (
    select kind, content ->> 'outcome' as outcome, actor, reason, decided_at from decision
    where kind in ('FINDING_DECIDE', 'FINDING_REOPEN') and about = k.code || ' ' || k.about || ' ' || k.facts
    order by id desc limit 1
) d on true
where (%(state)s::text is null or (d.kind is not distinct from 'FINDING_DECIDE') = (%(state)s = 'DECIDED'))
  and starts_with(k.number, %(number)s)
order by k.since desc nulls last, k.number limit %(limit)s

-- name: history
select kind as act, content ->> 'outcome' as outcome, content ->> 'facts' as facts, actor, reason, decided_at
from decision
where kind in ('FINDING_DECIDE', 'FINDING_REOPEN') and content ->> 'code' = %(code)s and content ->> 'about' = %(about)s
order by id
