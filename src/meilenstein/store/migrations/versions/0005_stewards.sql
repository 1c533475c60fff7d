-- A finding as people name it, beside the newest decision about it as it is now: the one place that says what its number
-- is, what the facts behind it are, and whether it is open. `subject` is what decisions are about; real and sandbox
-- findings of the same text are two.
create view meilenstein.finding_view with (security_invoker = true) as
with named as (
    select f.case_id, f.code, f.about, f.severity, f.since, f.detail, f.asked, coalesce(c.test, false) as test,
           'f-' || left(encode(sha256(convert_to(f.case_id || ' ' || f.code || ' ' || f.about, 'utf8')), 'hex'), 10) as number,
           left(encode(sha256(convert_to(
               jsonb_build_object('severity', f.severity, 'since', f.since, 'detail', f.detail)::text, 'utf8')), 'hex'), 32)
               as facts
    from meilenstein.finding f left join meilenstein.case_file c on c.case_id = f.case_id
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

grant select on meilenstein.finding_view to meilenstein_pipeline;

-- Items that a job could not decide, and why: the code says what stood against it.
create table meilenstein.bulk_refused (
    job_id  bigint not null references meilenstein.bulk_job (id),
    item_id bigint not null,
    code    text   not null,
    primary key (job_id, item_id)
);
grant select, insert on meilenstein.bulk_refused to meilenstein_pipeline;
