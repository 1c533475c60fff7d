-- name: quick
set local synchronous_commit = off

-- name: note
insert into step_run as s (step, run_id, started_at, finished_at, seconds, ok, error, counts, waits, missing, failing_since,
                           success_started_at, success_finished_at, runs, failures)
values (%(step)s, %(run_id)s, %(started_at)s, %(finished_at)s, %(seconds)s, %(ok)s, %(error)s, %(counts)s, %(waits)s, %(missing)s,
        case when not %(ok)s then %(finished_at)s::timestamptz end, case when %(ok)s then %(started_at)s::timestamptz end,
        case when %(ok)s then %(finished_at)s::timestamptz end, %(runs)s, case when %(ok)s then 0 else 1 end)
on conflict (step) do update set
    run_id = excluded.run_id, started_at = excluded.started_at, finished_at = excluded.finished_at, seconds = excluded.seconds,
    ok = excluded.ok, error = excluded.error,
    counts = case when excluded.ok then excluded.counts else s.counts end,
    waits = case when excluded.ok then excluded.waits else s.waits end,
    missing = case when excluded.ok then excluded.missing else s.missing end,
    failing_since = case
        when not excluded.ok then coalesce(s.failing_since, excluded.finished_at)
        -- A run that did nothing while there is work was kept off by another worker: it ends no failure.
        when %(idle)s and case excluded.step when 'validate' then exists (select from batch where state = 'OPEN')
                                             when 'reconcile' then exists (select from touched)
                                             when 'feedback' then exists (select from outbox where sent_at is null) end
            then s.failing_since
    end,
    success_started_at = coalesce(excluded.success_started_at, s.success_started_at),
    success_finished_at = coalesce(excluded.success_finished_at, s.success_finished_at),
    runs = s.runs + excluded.runs, failures = s.failures + excluded.failures

-- name: known
select step, run_id, started_at, finished_at, seconds, ok, error, counts, waits, missing, failing_since,
       success_started_at, success_finished_at, runs, failures
from step_run order by step
