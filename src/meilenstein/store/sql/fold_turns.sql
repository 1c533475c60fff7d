-- name: join
select pg_try_advisory_xact_lock_shared(hashtextextended('reconcile', 0))

-- name: stop_all
select pg_try_advisory_xact_lock(hashtextextended('reconcile', 0))

-- name: wait_for_all
select pg_advisory_xact_lock(hashtextextended('reconcile', 0))

-- name: take
select pg_advisory_lock(hashtextextended('reconcile.take', 0))

-- name: give
select pg_advisory_unlock(hashtextextended('reconcile.take', 0))
