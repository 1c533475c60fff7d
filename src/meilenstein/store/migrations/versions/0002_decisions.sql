-- What people decide: proposals that wait for a second person, decisions, long work over many items, and the
-- hash-chained trail of all of it. Kept for ever: decision, audit.

-- A decision that needs a second person waits here; one open proposal per subject.
create table meilenstein.proposal (
    id          bigint generated always as identity primary key,
    kind        text  not null,
    about       text  not null,
    content     jsonb not null,
    actor       text  not null,
    reason      text  not null,
    proposed_at timestamptz not null default now(),
    state       text  not null default 'OPEN' check (state in ('OPEN', 'CONFIRMED', 'WITHDRAWN', 'OVERTAKEN')),
    closed_by   text,
    closed_at   timestamptz
);
create unique index proposal_open on meilenstein.proposal (kind, about) where state = 'OPEN';

alter table meilenstein.decision
    add column proposal_id bigint,
    -- Links only: the two files that were decided upon, the smaller id first.
    add column left_file bigint,
    add column right_file bigint;
create index decision_about on meilenstein.decision (kind, about, id);
create index decision_left on meilenstein.decision (left_file) where left_file is not null;
create index decision_right on meilenstein.decision (right_file) where right_file is not null;

-- Which agency a finding was put to as a question, where there is one; derived like the finding itself.
alter table meilenstein.finding add column asked text;

-- Work over many items: done in small transactions, so that it can be paused, goes on after a crash, and shows how far
-- it is. `first_item` and `last_item` bound it for good when it is made: nothing newer or older is ever swept up.
create table meilenstein.bulk_job (
    id          bigint generated always as identity primary key,
    kind        text   not null check (kind in ('REVALIDATE', 'RELEASE', 'REJECT')),
    selection   jsonb  not null,
    actor       text   not null,
    confirmed_by text,
    reason      text   not null,
    state       text   not null default 'READY'
                check (state in ('PROPOSED', 'READY', 'RUNNING', 'PAUSED', 'DONE', 'CANCELLED')),
    first_item  bigint not null,
    last_item   bigint not null,
    next_item   bigint not null,
    counts      jsonb  not null default '{}',
    created_at  timestamptz not null default now(),
    changed_at  timestamptz not null default now()
);
create index bulk_job_unfinished on meilenstein.bulk_job (id) where state not in ('DONE', 'CANCELLED');

-- Who did, saw or tried what. hash = SHA-256 over the canonical form of the row and the hash before it.
alter table meilenstein.audit rename to audit_unchained;
create table meilenstein.audit (
    seq       bigint primary key,
    prev_hash bytea  not null check (length(prev_hash) = 32),
    hash      bytea  not null unique check (length(hash) = 32),
    at        timestamptz not null,
    actor     text   not null,
    act       text   not null,
    object    text   not null,
    outcome   text   not null check (outcome in ('DONE', 'PROPOSED', 'REFUSED', 'VIEWED')),
    reason    text   not null,
    digest    text
);
create trigger append_only before update or delete on meilenstein.audit
    for each statement execute function meilenstein.refuse_change();

grant select, insert on meilenstein.proposal, meilenstein.bulk_job, meilenstein.audit to meilenstein_pipeline;
grant update on meilenstein.proposal, meilenstein.bulk_job to meilenstein_pipeline;
grant usage on all sequences in schema meilenstein to meilenstein_pipeline;
