-- Only where: sessions.agent_name
-- The workflow of the session's first run. $1 session
update sessions set agent_name = w.workflow_name
from (select (select workflow_name from workflow_runs where session_id = $1 order by created_at, id limit 1)
  as workflow_name) w
where sessions.id = $1 and sessions.platform = 'runwake'
  and coalesce(sessions.agent_name, '') <> coalesce(w.workflow_name, '')
