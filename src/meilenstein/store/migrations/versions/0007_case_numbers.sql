-- Case numbers that were given out, for ever. Whether one is used is told by the events that name it.
create table meilenstein.case_number (
    number      text primary key,
    agency      text not null,
    reserved_at timestamptz not null,
    expires_on  date not null
);
create index case_number_agency on meilenstein.case_number (agency, reserved_at);
create trigger append_only before update or delete on meilenstein.case_number
    for each statement execute function meilenstein.refuse_change();
grant select, insert on meilenstein.case_number to meilenstein_pipeline;

-- Failed look-ups are counted here, so the limit holds whoever serves them.
create index audit_failed_look_up on meilenstein.audit (actor, at) where act = 'number.check' and outcome = 'REFUSED';

-- Which numbers of each source came, whatever became of the events; kept, not rebuilt. One row a source, so that its
-- size follows the gaps and not the events. `loose_since`: there were too many gaps for a numbering without any, and
-- they are not followed any more; `seen` is then one range.
create table meilenstein.source_sequence (
    publisher     text   not null,
    source_system text   not null,
    source_epoch  bigint not null, -- -1: the source gives none
    seen          int8multirange not null,
    seen_at       timestamptz not null, -- when something came last
    accepted_at   timestamptz, -- when something came last of which not all was refused
    loose_since   date,
    primary key (publisher, source_system, source_epoch)
);

-- Publishers whose events were accepted before numbers were noted: what is below their first number is not missing.
create table meilenstein.source_before (
    publisher text primary key,
    seen_at   timestamptz not null
);
insert into meilenstein.source_before (publisher, seen_at)
select publisher, max(received_at) from meilenstein.event group by publisher;

-- Numbers found missing by the clocks run, and on which day first.
create table meilenstein.source_gap (
    publisher     text   not null,
    source_system text   not null,
    source_epoch  bigint not null,
    first         bigint not null,
    last          bigint not null check (last >= first),
    since         date   not null,
    primary key (publisher, source_system, source_epoch, first)
);

-- Findings about no case: about a source or a publisher as a whole. Written by the clocks run alone.
create table meilenstein.source_finding (
    code     text not null,
    about    text not null,
    severity text not null,
    since    date,
    detail   jsonb not null,
    asked    text,
    primary key (code, about)
);

grant select on meilenstein.source_before to meilenstein_pipeline;
grant select, insert, update on meilenstein.source_sequence to meilenstein_pipeline;
grant select, insert, delete on meilenstein.source_gap, meilenstein.source_finding to meilenstein_pipeline;

-- As before, and with the findings about no case: their case_id is null.
create or replace view meilenstein.finding_view with (security_invoker = true) as
with every as (
    select f.case_id, f.code, f.about, f.severity, f.since, f.detail, f.asked, coalesce(c.test, false) as test
    from meilenstein.finding f left join meilenstein.case_file c on c.case_id = f.case_id
    union all
    select null::uuid, s.code, s.about, s.severity, s.since, s.detail, s.asked, false from meilenstein.source_finding s
), named as (
    select f.*,
           'f-' || left(encode(sha256(convert_to(
               coalesce(f.case_id || ' ', '') || f.code || ' ' || f.about, 'utf8')), 'hex'), 10) as number,
           left(encode(sha256(convert_to(
               jsonb_build_object('severity', f.severity, 'since', f.since, 'detail', f.detail)::text, 'utf8')), 'hex'), 32)
               as facts
    from every f
), known as (
    select n.*, n.code || ' ' || n.about || ' ' || n.facts || case when n.test then ' test' else '' end as subject from named n
), decided as (
    -- People decide few of them: read once for all, not once for each.
    select distinct on (about) about, kind, content ->> 'outcome' as outcome, actor, reason, decided_at
    from meilenstein.decision where kind in ('FINDING_DECIDE', 'FINDING_REOPEN') order by about, id desc
)
select k.number, k.case_id, k.code, k.about, k.test, k.severity, k.since, k.detail, k.asked, k.facts, k.subject,
       case when d.kind = 'FINDING_DECIDE' then 'DECIDED' else 'OPEN' end as state,
       d.kind as last_act, d.outcome, d.actor, d.reason, d.decided_at
from known k left join decided d on d.about = k.subject;
