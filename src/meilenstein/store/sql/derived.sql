-- name: clear
with a as (delete from event), b as (delete from mention), c as (delete from case_state), d as (delete from case_member),
     e as (delete from finding), f as (delete from bulk_identifier)
delete from clock

-- name: retouch
update touched set change = 'RECALCULATION'

-- name: busy
select exists (select from batch where state = 'OPEN') or exists (select from touched)

-- name: cases
select count(*) from case_state

-- name: event
select count(*), encode(sha256(convert_to(coalesce(string_agg(md5(e::text), '' order by publisher, event_id), ''), 'utf8')), 'hex') from event e

-- name: mention
select count(*), encode(sha256(convert_to(coalesce(string_agg(md5(m::text), '' order by m::text), ''), 'utf8')), 'hex') from mention m

-- name: bulk_identifier
select count(*), encode(sha256(convert_to(coalesce(string_agg(md5(b::text), '' order by b::text), ''), 'utf8')), 'hex') from bulk_identifier b

-- name: case_member
select count(*), encode(sha256(convert_to(coalesce(string_agg(md5(m::text), '' order by file_id), ''), 'utf8')), 'hex') from case_member m

-- name: case_state
select count(*), encode(sha256(coalesce(string_agg(sha256(state) || sha256(convert_to(row(case_id, file_ids, rule_version, next_change_on)::text, 'utf8')), ''::bytea order by case_id), ''::bytea)), 'hex') from case_state

-- name: finding
select count(*), encode(sha256(convert_to(coalesce(string_agg(md5(f::text), '' order by case_id, code, about), ''), 'utf8')), 'hex') from finding f

-- name: clock
select count(*), encode(sha256(convert_to(coalesce(string_agg(md5(c::text), '' order by case_id, clock_id, about), ''), 'utf8')), 'hex') from clock c
