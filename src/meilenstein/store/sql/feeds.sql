-- name: of_recipient
select recipient, case_id, key, version, state, view from feed_key where recipient = %(recipient)s

-- name: touch_cases
insert into touched (file_id, change) select file_id, 'RECALCULATION' from case_member where case_id = any(%(case_ids)s)
