-- name: search
select v.number, v.case_id, v.code, v.about, v.test, v.severity, v.since, v.detail, v.asked, v.facts, v.subject, v.state,
       v.last_act, v.outcome, v.actor, v.reason, v.decided_at
from finding_view v
where (%(code)s::text is null or v.code = %(code)s)
  and (%(severity)s::text is null or v.severity = %(severity)s)
  and (%(case_id)s::uuid is null or v.case_id = %(case_id)s)
  and (%(agency)s::text is null or exists (
      select from case_member m join case_file c on c.id = m.file_id
      where m.case_id = v.case_id and c.publisher = %(agency)s) or (v.case_id is null and v.asked = %(agency)s))
  and (%(state)s::text is null or v.state = %(state)s)
  and starts_with(v.number, %(number)s)
order by v.since desc nulls last, v.code, v.about, v.number limit %(limit)s

-- name: history
select kind as act, content ->> 'outcome' as outcome, content ->> 'facts' as facts, actor, reason, decided_at
from decision
where kind in ('FINDING_DECIDE', 'FINDING_REOPEN') and content ->> 'code' = %(code)s and content ->> 'about' = %(about)s
  and (content ->> 'test')::boolean = %(test)s
order by id
