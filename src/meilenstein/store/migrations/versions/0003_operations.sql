-- How the steps went, and alarms: what people who run the hub are told. Neither is derived, and neither is ever read by
-- a step: both may be emptied without any effect on records, cases or answers.

-- One row per step: the last run, the last success, and since when it has failed.
create table meilenstein.step_run (
    step             text primary key,
    run_id           text not null,
    started_at       timestamptz not null,
    finished_at      timestamptz not null,
    seconds          double precision not null,
    ok               boolean not null,
    error            text, -- class of the error, never its text
    counts           jsonb not null,
    waits            jsonb not null,
    missing          text[] not null, -- topics that the broker does not have
    failing_since    timestamptz,
    success_started_at timestamptz,
    success_finished_at timestamptz,
    runs             bigint not null,
    failures         bigint not null
);

-- One row per cause. It opens once and clears once; a cause that comes back soon after revives its row (`episode`) and
-- is announced again only from `announce_at` on. `about` names a part, an agency or a number, never a case.
create table meilenstein.alarm (
    id          bigint generated always as identity primary key,
    code        text not null,
    about       text not null,
    agency      text,
    count       bigint not null,
    since       timestamptz, -- when the trouble itself began, where that is known
    opened_at   timestamptz not null,
    announce_at timestamptz not null,
    cleared_at  timestamptz,
    episode     int not null default 1
);
create unique index alarm_open on meilenstein.alarm (code, about) where cleared_at is null;
create index alarm_recent on meilenstein.alarm (code, about, cleared_at desc);

-- What each channel is told of each alarm, once per episode. `next_try_at` is also the lease of who is sending now.
create table meilenstein.alarm_message (
    id          bigint generated always as identity primary key,
    alarm_id    bigint not null references meilenstein.alarm (id),
    channel     text not null,
    kind        text not null check (kind in ('ALARM', 'ALL_CLEAR')),
    episode     int not null,
    attempts    int not null default 0,
    next_try_at timestamptz not null,
    sent_at     timestamptz,
    unique (alarm_id, channel, kind, episode)
);
create index alarm_message_unsent on meilenstein.alarm_message (channel, id) where sent_at is null;

grant select, insert, update on meilenstein.step_run, meilenstein.alarm, meilenstein.alarm_message
    to meilenstein_pipeline;
grant usage on all sequences in schema meilenstein to meilenstein_pipeline;
