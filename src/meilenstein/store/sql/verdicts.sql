-- name: new_run
insert into validation_run (batch_id, started_at, finished_at, suite_version, data_version, evaluated, counts, rules)
values (%(batch_id)s, %(started_at)s, %(finished_at)s, %(suite_version)s, %(data_version)s, %(evaluated)s, %(counts)s, %(rules)s)
returning id

-- name: copy
copy verdict (journal_id, fate, codes, warnings, duplicate_of, run_id, suite_version, data_version) from stdin (format binary)

-- name: quarantine
insert into quarantine_item (journal_id, codes, reasons) values (%(journal_id)s, %(codes)s, %(reasons)s) returning id
