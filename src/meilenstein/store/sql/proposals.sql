-- name: lock
select pg_advisory_xact_lock(hashtextextended('proposal ' || %(kind)s || ' ' || %(about)s, 0))

-- name: open
select id, kind, about, content, actor, reason, proposed_at, state, closed_by, closed_at
from proposal where kind = %(kind)s and about = %(about)s and state = 'OPEN' for update

-- name: one
select id, kind, about, content, actor, reason, proposed_at, state, closed_by, closed_at from proposal where id = %(id)s for update

-- name: waiting
select id, kind, about, content, actor, reason, proposed_at, state, closed_by, closed_at
from proposal where about = %(about)s and state = 'OPEN' order by id

-- name: list
select p.id, kind, about, content, actor, reason, proposed_at, state, closed_by, closed_at,
       array_to_string(f.pair, ' ') as files, f.pair, coalesce(f.test, false) as test
from proposal p left join lateral (
    select array_agg(c.publisher || '/' || c.case_reference order by c.id) as pair, bool_or(c.test) as test from case_file c
    where c.id in (select file::bigint from jsonb_array_elements_text(
        case when jsonb_typeof(p.content -> 'files') = 'array' then p.content -> 'files' else '[]' end) file)
) f on true
where %(state)s::text is null or state = %(state)s order by p.id desc limit %(limit)s

-- name: confirmed
select id, kind, about, content, actor, reason, proposed_at, state, closed_by, closed_at
from proposal where kind = %(kind)s and about = %(about)s and state = 'CONFIRMED' order by id desc limit 1

-- name: add
insert into proposal (kind, about, content, actor, reason) values (%(kind)s, %(about)s, %(content)s, %(actor)s, %(reason)s)
returning id, kind, about, content, actor, reason, proposed_at, state, closed_by, closed_at

-- name: close
update proposal set state = %(state)s, closed_by = %(actor)s, closed_at = now() where id = %(id)s and state = 'OPEN'

-- name: overtake
update proposal set state = 'OVERTAKEN', closed_by = %(actor)s, closed_at = now()
where kind = any(%(kinds)s) and about = %(about)s and state = 'OPEN' returning id
