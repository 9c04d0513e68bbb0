-- A row as copy_sessions gives it, its columns in the same order; one that is there stands.
insert into sessions (id, user_id, agent_name, name, platform, metadata, created_at, updated_at, run_finished_at,
  message_count)
values ($1, (select id from users where id = $2), $3, $4, $5, $6, $7, $8, $9, $10)
on conflict do nothing
