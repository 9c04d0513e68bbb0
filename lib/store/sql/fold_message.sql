-- What is there already as it should be is left alone. $1 id, $2 session, $3 role, $4 text, $5 type, $6 at
insert into messages (id, session_id, role, text_content, message_type, created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $6)
on conflict (id) do update set session_id = excluded.session_id, text_content = excluded.text_content,
  created_at = excluded.created_at, updated_at = excluded.updated_at
where messages.session_id is null or messages.session_id <> excluded.session_id
  or messages.text_content is null or messages.text_content <> excluded.text_content
  or messages.created_at is null or messages.created_at <> excluded.created_at
