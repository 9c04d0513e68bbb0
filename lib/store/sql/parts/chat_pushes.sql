-- The pushes of a session, for read_chat_pushes_*: what is shown.
  p.id, p.intended_at as at, o.run_id, p.remote, p.url, p.local_ref, p.remote_ref, p.old_hash, p.new_hash, p.confirmed_at
