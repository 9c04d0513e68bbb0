-- A row as copy_messages gives it, its columns in the same order; one that is there stands.
insert into messages (id, session_id, role, text_content, message_type, context, created_at, updated_at)
values ($1, (select id from sessions where id = $2), $3, $4, $5, $6, $7, $8)
on conflict do nothing
