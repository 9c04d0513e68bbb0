-- The runs of an agent's own session, as far as any source told of it. $1 session
select run_id, started_at, completed_at, case when start_event_id is null then 0 else 1 end as announced,
  case when end_rank = 2 then 1 else 0 end as is_ended
from workflow_runs
where agent_session_id = $1
order by started_at, id
