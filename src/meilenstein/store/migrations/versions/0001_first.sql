-- The store of the pipeline. Roles: the owner runs this file; meilenstein_pipeline gets only what the steps need
-- (append-only tables: select and insert). Kept: journal, verdict, decision, tick, case_file, feed_key, schema_archive,
-- outbox, audit. Everything else is derived and is rebuilt by `meilenstein rebuild`.

create schema if not exists meilenstein;
create schema if not exists scratch;

-- One row per Kafka partition: what has been drained, and the proof that the log is still the one that was drained.
create table meilenstein.cursor (
    topic         text    not null,
    partition     int     not null,
    topic_id      text    not null,
    start_offset  bigint  not null,
    next_offset   bigint  not null check (next_offset >= start_offset),
    last_offset   bigint,
    last_sha256   bytea,
    halted_reason text,
    halted_detail text,
    halted_at     timestamptz,
    retired_at    timestamptz, -- the topic was recreated under another id and a person let reading go on there
    primary key (topic, partition, topic_id)
);
create unique index cursor_current on meilenstein.cursor (topic, partition) where retired_at is null;

-- Offsets that hold no record for us: control records, or a range given up by a person.
create table meilenstein.gap (
    topic_id    text   not null,
    partition   int    not null,
    from_offset bigint not null,
    to_offset   bigint not null check (to_offset >= from_offset),
    reason      text   not null,
    noted_at    timestamptz not null default now(),
    primary key (topic_id, partition, from_offset)
);

create sequence meilenstein.batch_id;
create table meilenstein.batch (
    id         bigint primary key,
    n          int    not null check (n > 0 and n < 16777216),
    state      text   not null default 'OPEN' check (state in ('OPEN', 'WAITING', 'DONE')),
    drained_at timestamptz not null default now()
);
create index batch_unfinished on meilenstein.batch (id) where state <> 'DONE';

-- Every record that was read, for ever: id = batch << 24 + n. Never updated.
create table meilenstein.journal (
    id            bigint primary key,
    topic_id      text   not null,
    partition     int    not null,
    record_offset bigint not null,
    topic         text   not null,
    record_time   timestamptz,
    record_key    bytea,
    header_names  text[],
    header_values bytea[],
    raw           bytea,
    schema_id     bigint,
    decode_state  text   not null check (decode_state in ('DECODED', 'REFUSED', 'PENDING')),
    refusal_code  text,
    refusal_detail text,
    event_type    text,
    publisher     text,
    event_id      text,
    received_at   timestamptz not null default now(),
    unique (topic_id, partition, record_offset)
);
create index journal_event on meilenstein.journal (event_id);

create table meilenstein.validation_run (
    id            bigint generated always as identity primary key,
    batch_id      bigint not null,
    started_at    timestamptz not null,
    finished_at   timestamptz not null,
    suite_version text not null,
    data_version  text not null,
    evaluated     int  not null,
    counts        jsonb not null,
    rules         jsonb not null
);

-- One verdict per journal row, for ever.
create table meilenstein.verdict (
    journal_id    bigint primary key,
    fate          text   not null check (fate in ('ACCEPTED', 'DUPLICATE', 'QUARANTINED')),
    codes         text[] not null,
    warnings      text[] not null,
    duplicate_of  bigint,
    run_id        bigint not null,
    suite_version text   not null,
    data_version  text   not null,
    decided_at    timestamptz not null default now()
);
create index verdict_quarantined on meilenstein.verdict (journal_id) where fate = 'QUARANTINED';

-- The file of one agency (its own reference). case_id is minted here, once; a case that joins several files shows the
-- id of its oldest file, so a merge needs no renaming and an un-merge revives the former id.
create table meilenstein.case_file (
    id             bigint generated always as identity primary key,
    publisher      text not null,
    case_reference text not null,
    test           boolean not null,
    case_id        uuid not null default gen_random_uuid() unique,
    minted_at      timestamptz not null default now(),
    unique (publisher, case_reference, test)
);

-- Accepted events (derived from journal + verdict).
create table meilenstein.event (
    publisher   text   not null,
    event_id    text   not null,
    journal_id  bigint not null unique,
    event_type  text   not null,
    file_id     bigint not null,
    corrects    text,
    received_at timestamptz not null,
    primary key (publisher, event_id)
);
create index event_file on meilenstein.event (file_id);
create index event_corrects on meilenstein.event (publisher, corrects) where corrects is not null;

-- Identifiers that a file mentions, its own and other agencies' alike: two files that mention one may belong together.
create table meilenstein.mention (
    file_id   bigint  not null,
    owner     text    not null,
    kind      text    not null,
    reference text    not null,
    test      boolean not null,
    primary key (file_id, kind, owner, reference)
);
create index mention_identifier on meilenstein.mention (kind, owner, reference, test);

create table meilenstein.touched (
    file_id bigint not null,
    change  text   not null,
    at      timestamptz not null default now()
);
create index touched_at on meilenstein.touched (at);

create table meilenstein.case_state (
    case_id        uuid primary key,
    version        int    not null,
    file_ids       bigint[] not null,
    state          bytea  not null,
    rule_version   text   not null,
    next_change_on date,
    changed_at     timestamptz not null default now()
);
create index case_state_next on meilenstein.case_state (next_change_on) where next_change_on is not null;

create table meilenstein.case_member (
    file_id bigint primary key,
    case_id uuid not null
);
create index case_member_case on meilenstein.case_member (case_id);

create table meilenstein.finding (
    case_id  uuid not null,
    code     text not null,
    about    text not null,
    severity text not null,
    since    date,
    detail   jsonb not null,
    primary key (case_id, code, about)
);
create index finding_code on meilenstein.finding (code);

create table meilenstein.clock (
    case_id        uuid not null,
    clock_id       text not null,
    about          text not null,
    label          text not null,
    paragraph      text,
    starts_on      date,
    due_on         date,
    stopped_on     date,
    state          text not null,
    stop_publisher text,
    steps          jsonb not null,
    primary key (case_id, clock_id, about)
);
create index clock_state on meilenstein.clock (state, stop_publisher);

-- What each recipient was last told of a case. `key` is random: it says nothing about the case.
create table meilenstein.feed_key (
    recipient text not null,
    case_id   uuid not null,
    key       uuid not null default gen_random_uuid() unique,
    version   int  not null,
    state     text not null check (state in ('ACTIVE', 'REVOKED')),
    view      bytea,
    primary key (recipient, case_id)
);
create index feed_key_case on meilenstein.feed_key (case_id);

create table meilenstein.outbox (
    id         bigint generated always as identity primary key,
    recipient  text  not null,
    topic      text  not null,
    key        text  not null,
    value      bytea,
    kind       text  not null,
    created_at timestamptz not null default now(),
    sent_at    timestamptz
);
create index outbox_unsent on meilenstein.outbox (recipient, id) where sent_at is null;
create index outbox_sent on meilenstein.outbox (sent_at) where sent_at is not null;

create table meilenstein.quarantine_item (
    id         bigint generated always as identity primary key,
    journal_id bigint not null unique,
    codes      text[] not null,
    reasons    jsonb  not null,
    state      text   not null default 'OPEN' check (state in ('OPEN', 'RELEASED', 'CORRECTED', 'REJECTED')),
    created_at timestamptz not null default now()
);
create index quarantine_open on meilenstein.quarantine_item (id) where state = 'OPEN';

-- Writer schemas by registry id, so that known schemas decode without the registry.
create table meilenstein.schema_archive (
    schema_id  bigint primary key,
    text       text not null,
    sha256     bytea not null,
    event_type text,
    archived_at timestamptz not null default now()
);

create table meilenstein.tick (
    id          bigint generated always as identity primary key,
    as_of       date  not null,
    feed_health jsonb not null,
    created_at  timestamptz not null default now()
);

create table meilenstein.decision (
    id         bigint generated always as identity primary key,
    kind       text  not null,
    about      text  not null,
    content    jsonb not null,
    actor      text  not null,
    reason     text  not null,
    decided_at timestamptz not null default now()
);

create table meilenstein.audit (
    id      bigint generated always as identity primary key,
    actor   text not null,
    act     text not null,
    object  text not null,
    outcome text not null,
    at      timestamptz not null default now()
);

create function meilenstein.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'table % is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;

do $$
declare
    kept text;
begin
    foreach kept in array array['journal', 'verdict', 'case_file', 'tick', 'decision', 'audit', 'gap'] loop
        execute format('create trigger append_only before update or delete on meilenstein.%I '
                       'for each statement execute function meilenstein.refuse_change()', kept);
    end loop;
end $$;

grant usage on schema meilenstein to meilenstein_pipeline;
grant usage, create on schema scratch to meilenstein_pipeline;
grant select, insert on all tables in schema meilenstein to meilenstein_pipeline;
grant usage on all sequences in schema meilenstein to meilenstein_pipeline;
grant update on meilenstein.cursor, meilenstein.batch, meilenstein.case_state, meilenstein.case_member,
    meilenstein.feed_key, meilenstein.outbox, meilenstein.quarantine_item to meilenstein_pipeline;
grant update, delete on meilenstein.touched to meilenstein_pipeline;
grant delete on meilenstein.event, meilenstein.mention, meilenstein.case_state, meilenstein.case_member,
    meilenstein.finding, meilenstein.clock, meilenstein.outbox to meilenstein_pipeline;
