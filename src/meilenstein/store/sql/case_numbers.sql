-- name: reserve
insert into case_number (number, agency, reserved_at, expires_on)
select number, %(agency)s, %(reserved_at)s, %(expires_on)s from unnest(%(numbers)s::text[]) as d (number)
on conflict do nothing returning number

-- name: list
-- Whether a number is used is told by the files that name it, one by one.
select n.number, n.agency, n.reserved_at, n.expires_on, u.used_by
from case_number n
cross join lateral (
    select coalesce(array_agg(distinct f.publisher order by f.publisher), '{}') as used_by
    from mention m join case_file f on f.id = m.file_id
    where m.kind = 'NUMBER' and m.owner = '' and m.reference = n.number and not m.test
) u
where (%(agency)s::text is null or n.agency = %(agency)s) and (%(number)s::text is null or n.number = %(number)s)
  and case %(state)s when 'USED' then u.used_by <> '{}' when 'UNUSED' then u.used_by = '{}' and n.expires_on >= %(today)s
                     when 'EXPIRING' then u.used_by = '{}' and n.expires_on between %(today)s and %(soon)s
                     when 'EXPIRED' then u.used_by = '{}' and n.expires_on < %(today)s else true end
order by n.reserved_at desc, n.number limit %(limit)s

-- name: not_reserved
select m.reference, array_agg(distinct f.publisher order by f.publisher)
from mention m join case_file f on f.id = m.file_id
where m.kind = 'NUMBER' and m.owner = '' and not m.test and not exists (select from case_number n where n.number = m.reference)
  and (%(number)s::text is null or m.reference = %(number)s)
  and (%(agency)s::text is null or f.publisher = %(agency)s)
group by m.reference order by m.reference limit %(limit)s

-- name: naming_events
select j.raw, e.publisher, e.event_type, e.received_at
from mention m join event e on e.file_id = m.file_id join journal j on j.id = e.journal_id
where m.kind = 'NUMBER' and m.owner = '' and m.reference = %(number)s and not m.test
order by e.journal_id

-- name: failed
select count(*), min(at) from (
    select at from audit where act = 'number.check' and outcome = 'REFUSED' and actor = %(actor)s and at > %(since)s
      and reason <> 'LIMITED' order by at desc limit %(most)s) f
