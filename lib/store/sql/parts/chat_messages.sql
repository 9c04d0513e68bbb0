-- Messages of a session, for read_chat_messages_*: what is shown.
  m.id, m.created_at as at, m.role, m.message_type, s.kind, r.run_id, substr(m.text_content, 1, cast($5 as integer)) as text
