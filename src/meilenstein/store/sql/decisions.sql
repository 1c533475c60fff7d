-- name: hold
select pg_advisory_xact_lock(hashtextextended('decision ' || %(subject)s, 0))

-- name: add
insert into decision (kind, about, content, actor, reason, proposal_id, left_file, right_file)
values (%(kind)s, %(about)s, %(content)s, %(actor)s, %(reason)s, %(proposal_id)s, %(left_file)s, %(right_file)s)
returning id

-- name: latest
select distinct on (about) id, kind, about, content, actor, reason, decided_at, proposal_id, left_file, right_file
from decision where kind = any(%(kinds)s) and about = any(%(abouts)s) order by about, id desc

-- name: links_among
select distinct on (left_file, right_file)
       id, kind, about, content, actor, reason, decided_at, proposal_id, left_file, right_file
from decision where kind = 'LINK' and left_file = any(%(file_ids)s) and right_file = any(%(file_ids)s)
order by left_file, right_file, id desc

-- name: mention_links
insert into mention (file_id, owner, kind, reference, test)
select f.id, '', 'DECISION', d.left_file || '-' || d.right_file, f.test
from (select distinct left_file, right_file from decision where kind = 'LINK' and content ->> 'verdict' = 'JOINED') d
join case_file f on f.id in (d.left_file, d.right_file)
on conflict do nothing
