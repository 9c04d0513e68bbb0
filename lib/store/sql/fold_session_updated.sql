-- A session that is ours follows its runs; one of the surrounding system is only ever moved on. $1 session
update sessions set
  updated_at = case
    when sessions.platform = 'runwake' then coalesce(w.updated_at, sessions.created_at)
    when sessions.updated_at > w.updated_at then sessions.updated_at
    else coalesce(w.updated_at, sessions.updated_at) end,
  run_finished_at = case
    when sessions.platform = 'runwake' then w.completed_at
    when sessions.run_finished_at > w.completed_at then sessions.run_finished_at
    else coalesce(w.completed_at, sessions.run_finished_at) end
from (select max(updated_at) as updated_at, max(completed_at) as completed_at
  from workflow_runs where session_id = $1) w
where sessions.id = $1
