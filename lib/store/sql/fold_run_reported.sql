-- What a run's sources tell of it: each field by the most believed source that knows it; what its start and its end told comes
-- before a report where a person or an orchestrator said it. $1 run
update workflow_runs set
  task_input = case when start_task <> '' then start_task else coalesce((
    select s.text from workflow_said s where s.workflow_run_id = $1 and s.kind = 'prompt' and s.is_echo = 0
    order by s.at, s.id limit 1), '') end,
  ai_model = coalesce((select p.ai_model from workflow_run_reports p where p.workflow_run_id = $1 and p.ai_model is not null
    order by p.source_rank limit 1), start_model),
  agent_session_id = coalesce((select p.agent_session_id from workflow_run_reports p
    where p.workflow_run_id = $1 and p.agent_session_id is not null order by p.source_rank limit 1), start_agent_session_id),
  num_turns = coalesce((select p.num_turns from workflow_run_reports p where p.workflow_run_id = $1
    and p.num_turns is not null order by p.source_rank limit 1), start_num_turns),
  result = coalesce(end_result, case when completed_at is not null then (
    select p.result from workflow_run_reports p where p.workflow_run_id = $1 and p.result is not null
    order by p.source_rank limit 1) end),
  error_message = coalesce(end_error, case when status in ('failed', 'killed') then (
    select p.error_message from workflow_run_reports p where p.workflow_run_id = $1 and p.error_message is not null
    order by p.source_rank limit 1) end)
where id = $1
