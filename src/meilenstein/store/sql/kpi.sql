-- name: states
select state from case_state
