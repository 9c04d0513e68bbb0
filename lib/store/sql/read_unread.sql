-- What people said to a run, or to another of the same agent's session, and no agent has seen; in order. $1 run, $2 limit
select s.id, s.text, s.at
from workflow_said s
where s.kind = 'say' and s.delivered_at is null and (s.workflow_run_id = $1 or s.workflow_run_id in (
  select r.id from workflow_runs r
  where r.agent_session_id = (select o.agent_session_id from workflow_runs o where o.id = $1)))
order by s.at, s.id limit $2
