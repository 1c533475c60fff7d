-- name: files
select f.id, f.publisher, f.case_reference, f.test, f.case_id
from case_file f
join unnest(%(publishers)s::text[], %(references)s::text[], %(tests)s::bool[]) as w (publisher, case_reference, test)
  using (publisher, case_reference, test)

-- name: proposed
with asked as (
    select case_id, about, since, detail ->> 'reason' as why, detail ->> 'claimant' as claimant, detail ->> 'holder' as holder
    from finding where code = 'LINK_PROPOSED' and detail ? 'holder'
), sides as (
    select a.*, split_part(claimant, '/', 1) as claimant_agency, substr(claimant, strpos(claimant, '/') + 1) as claimant_file,
           split_part(holder, '/', 1) as holder_agency, substr(holder, strpos(holder, '/') + 1) as holder_file
    from asked a
)
select l.publisher || '/' || l.case_reference as left, r.publisher || '/' || r.case_reference as right, l.test,
       'PROPOSED' as state, s.about, s.why, s.since, null as actor, null as decided_at
from sides s
join case_file l on (l.publisher, l.case_reference) = (s.claimant_agency, s.claimant_file)
join case_member m on m.file_id = l.id and m.case_id = s.case_id
join case_file r on (r.publisher, r.case_reference, r.test) = (s.holder_agency, s.holder_file, l.test)
where %(agency)s::text is null or %(agency)s in (l.publisher, r.publisher)
order by s.since desc, l.id, r.id, s.about limit %(limit)s

-- name: decided
select l.publisher || '/' || l.case_reference as left, r.publisher || '/' || r.case_reference as right, l.test,
       d.content ->> 'verdict' as state, null as about, d.reason as why, null as since, d.actor, d.decided_at
from (
    select distinct on (left_file, right_file) id, left_file, right_file, content, reason, actor, decided_at
    from decision where kind = 'LINK' order by left_file, right_file, id desc
) d
join case_file l on l.id = d.left_file join case_file r on r.id = d.right_file
where (%(state)s::text is null or d.content ->> 'verdict' = %(state)s)
  and (%(agency)s::text is null or %(agency)s in (l.publisher, r.publisher))
order by d.id desc limit %(limit)s
