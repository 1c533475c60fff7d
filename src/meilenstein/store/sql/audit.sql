-- name: lock
select pg_advisory_xact_lock(hashtextextended('audit chain', 0))

-- name: head
select seq, hash from audit order by seq desc limit 1

-- name: add
insert into audit (seq, prev_hash, hash, at, actor, act, object, outcome, reason, digest)
values (%(seq)s, %(prev_hash)s, %(hash)s, %(at)s, %(actor)s, %(act)s, %(subject)s, %(outcome)s, %(reason)s, %(digest)s)

-- name: all
select seq, prev_hash, hash, at, actor, act, object as subject, outcome, reason, digest from audit order by seq

-- name: latest
select seq, prev_hash, hash, at, actor, act, object as subject, outcome, reason, digest from audit
where (%(actor)s::text is null or actor = %(actor)s) and (%(act)s::text is null or act = %(act)s or act like %(acts)s)
order by seq desc limit %(limit)s
