-- The agent's session whose run began first of those that tell of a model's answer. $1 response
select r.agent_session_id
from workflow_usage u join workflow_runs r on r.id = u.workflow_run_id
where u.response_id = $1 and r.agent_session_id is not null
order by r.started_at, r.id
limit 1
