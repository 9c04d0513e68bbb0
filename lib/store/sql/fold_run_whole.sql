-- $1 run
select created_at, started_at, completed_at, session_id, task_input, result,
  (select max(moved_at) from workflow_movements where workflow_run_id = $1),
  imported, case when start_event_id is null then 0 else 1 end, end_rank,
  case when exists (select 1 from workflow_deliveries d where d.workflow_run_id = $1 and d.as_prompt = 1) then 1 else 0 end
from workflow_runs where id = $1
