-- How much of what people said to a run, or to another of the same agent's session, no agent has seen; of a run without such a
-- session none, since nothing can go on. $1 run
select count(*)
from workflow_said s
where s.kind = 'say' and s.delivered_at is null and s.workflow_run_id in (
  select r.id from workflow_runs r
  where r.agent_session_id = (select o.agent_session_id from workflow_runs o where o.id = $1))
