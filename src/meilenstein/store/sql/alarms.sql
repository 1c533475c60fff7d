-- name: hold
select pg_try_advisory_xact_lock(hashtextextended('alarms', 0))

-- name: wait
select pg_advisory_xact_lock(hashtextextended('alarms', 0))

-- name: open
select id, code, about, agency, count, since, opened_at, announce_at, cleared_at, episode from alarm where cleared_at is null order by id

-- name: recent
select id, code, about, agency, count, since, opened_at, announce_at, cleared_at, episode from alarm
where cleared_at is null or %(all)s order by (cleared_at is not null), id desc limit %(limit)s

-- name: revive
update alarm set cleared_at = null, episode = episode + 1, announce_at = cleared_at + %(calm)s, count = %(count)s, since = %(since)s
where id = (select id from alarm where code = %(code)s and about = %(about)s and cleared_at > %(now)s::timestamptz - %(calm)s
              and not exists (select from alarm o where o.code = %(code)s and o.about = %(about)s and o.cleared_at is null)
            order by cleared_at desc limit 1)
returning id, code, about, agency, count, since, opened_at, announce_at, cleared_at, episode

-- name: add
insert into alarm (code, about, agency, count, since, opened_at, announce_at)
values (%(code)s, %(about)s, %(agency)s, %(count)s, %(since)s, %(now)s, %(now)s)
on conflict (code, about) where cleared_at is null do nothing
returning id, code, about, agency, count, since, opened_at, announce_at, cleared_at, episode

-- name: refresh
update alarm set count = %(count)s where id = %(id)s and count <> %(count)s

-- name: clear
update alarm set cleared_at = %(now)s where id = any(%(ids)s) and cleared_at is null
returning id, code, about, agency, count, since, opened_at, announce_at, cleared_at, episode

-- name: announce
insert into alarm_message (alarm_id, channel, kind, episode, next_try_at)
select a.id, c.name, 'ALARM', a.episode, %(now)s
from alarm a cross join unnest(%(channels)s::text[]) as c (name)
where a.cleared_at is null and a.announce_at <= %(now)s
on conflict do nothing

-- name: all_clear
insert into alarm_message (alarm_id, channel, kind, episode, next_try_at)
select m.alarm_id, m.channel, 'ALL_CLEAR', m.episode, %(now)s
from alarm_message m join alarm a on a.id = m.alarm_id and a.episode = m.episode
where a.id = any(%(ids)s) and m.kind = 'ALARM'
on conflict do nothing

-- name: claim
update alarm_message set next_try_at = %(lease)s, attempts = attempts + 1
where id = (select m.id from alarm_message m
            where m.channel = %(channel)s and m.sent_at is null and m.next_try_at <= %(now)s
              and not exists (select from alarm_message e where e.alarm_id = m.alarm_id and e.channel = m.channel
                              and e.sent_at is null and e.id < m.id)
            order by m.id for update skip locked limit 1)
returning id, alarm_id, kind, attempts

-- name: one
select id, code, about, agency, count, since, opened_at, announce_at, cleared_at, episode from alarm where id = %(id)s

-- name: sent
update alarm_message set sent_at = %(now)s where id = %(id)s

-- name: later
update alarm_message set next_try_at = %(at)s where id = %(id)s

-- name: unsent
select channel, count(*) from alarm_message where sent_at is null group by channel order by channel

-- name: counts
select code, count(*) from alarm where cleared_at is null group by code order by code
