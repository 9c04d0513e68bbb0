-- A session that is ours follows its runs; one of the surrounding system is only ever moved on. $1 session
update sessions set
  message_count = (select count(*) from messages where session_id = $1),
  updated_at = (select case when sessions.platform <> 'runwake' and sessions.updated_at > max(updated_at)
    then sessions.updated_at else max(updated_at) end from workflow_runs where session_id = $1),
  run_finished_at = (select case when sessions.platform <> 'runwake' and sessions.run_finished_at > max(completed_at)
    then sessions.run_finished_at else max(completed_at) end from workflow_runs where session_id = $1)
where id = $1 and exists (select 1 from workflow_runs where session_id = $1)
