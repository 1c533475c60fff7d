-- name: all
select schema_id, text, event_type from schema_archive

-- name: add
insert into schema_archive (schema_id, text, sha256, event_type) values (%(schema_id)s, %(text)s, %(sha256)s, %(event_type)s)
on conflict (schema_id) do nothing
