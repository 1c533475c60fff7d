-- name: note
-- In one order for all workers, so that none waits for one that waits for it. What came of a source before stays.
with came as (
    select publisher, source_system, source_epoch,
           coalesce(range_agg(int8range(first, last, '[]')) filter (where first is not null), '{}') as seen,
           bool_or(sound) as sound
    from unnest(%(publishers)s::text[], %(systems)s::text[], %(epochs)s::bigint[], %(firsts)s::bigint[], %(lasts)s::bigint[], %(sound)s::boolean[])
         as c (publisher, source_system, source_epoch, first, last, sound)
    group by 1, 2, 3
)
insert into source_sequence as s (publisher, source_system, source_epoch, seen, seen_at, accepted_at)
select publisher, source_system, source_epoch, seen, %(seen_at)s, case when sound then %(seen_at)s end from came order by 1, 2, 3
on conflict (publisher, source_system, source_epoch) do update
set seen = case when s.loose_since is null then s.seen + excluded.seen else int8multirange(range_merge(s.seen + excluded.seen)) end,
    seen_at = greatest(s.seen_at, excluded.seen_at), accepted_at = greatest(s.accepted_at, excluded.accepted_at)
returning publisher, source_system, source_epoch,
          case when s.loose_since is null and not isempty(s.seen) then
              case when lower(s.seen) <= 1 or exists (select from source_before b where b.publisher = s.publisher)
                   then (select upper(r) - 1 from unnest(s.seen) r limit 1) else 0 end
          end as complete_to

-- name: headers
select topic, header_names, header_values, received_at from journal
where id = any(%(ids)s::bigint[]) and 'ce_sequence' = any(header_names)

-- name: newest_epochs
select distinct on (publisher, source_system) publisher, source_system, source_epoch from source_sequence
where (publisher, source_system) in (select unnest(%(publishers)s::text[]), unnest(%(systems)s::text[]))
order by publisher, source_system, seen_at desc, source_epoch desc

-- name: loosen
update source_sequence set loose_since = %(day)s, seen = int8multirange(range_merge(seen))
where loose_since is null and (select count(*) from unnest(seen)) > %(most)s

-- name: loose
select publisher, source_system, source_epoch, loose_since from source_sequence where loose_since is not null

-- name: missing
select s.publisher, s.source_system, s.source_epoch, lower(g), upper(g) - 1
from source_sequence s left join source_before b on b.publisher = s.publisher
cross join lateral unnest(
    int8multirange(int8range(case when b.publisher is null then least(1, lower(s.seen)) else lower(s.seen) end, upper(s.seen))) - s.seen
) g
where s.loose_since is null and not isempty(s.seen)

-- name: gaps
select publisher, source_system, source_epoch, first, last, since from source_gap

-- name: drop_gaps
delete from source_gap g using unnest(%(publishers)s::text[], %(systems)s::text[], %(epochs)s::bigint[], %(firsts)s::bigint[])
    as d (publisher, source_system, source_epoch, first)
where (g.publisher, g.source_system, g.source_epoch, g.first) = (d.publisher, d.source_system, d.source_epoch, d.first)

-- name: add_gaps
insert into source_gap (publisher, source_system, source_epoch, first, last, since)
select * from unnest(%(publishers)s::text[], %(systems)s::text[], %(epochs)s::bigint[], %(firsts)s::bigint[], %(lasts)s::bigint[], %(days)s::date[])

-- name: last_seen
select publisher, max(seen_at), max(accepted_at) from (
    select publisher, seen_at, accepted_at from source_sequence
    union all select publisher, seen_at, seen_at from source_before) s
group by publisher

-- name: findings
select f.code, f.about, f.severity, f.since, f.detail, f.asked, v.state
from source_finding f join finding_view v on v.case_id is null and v.code = f.code and v.about = f.about

-- name: drop_findings
delete from source_finding f using unnest(%(codes)s::text[], %(abouts)s::text[]) as d (code, about)
where (f.code, f.about) = (d.code, d.about)

-- name: add_finding
insert into source_finding (code, about, severity, since, detail, asked)
values (%(code)s, %(about)s, %(severity)s, %(since)s, %(detail)s, %(asked)s)
