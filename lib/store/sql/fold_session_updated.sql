-- $1 session, $2 updated, $3 finished or null
update sessions set
  message_count = (select count(*) from messages where session_id = $1),
  updated_at = case when $2 > updated_at then $2 else updated_at end,
  run_finished_at = case when $3 is not null and (run_finished_at is null or $3 > run_finished_at) then $3 else run_finished_at end
where id = $1
