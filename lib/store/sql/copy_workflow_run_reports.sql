-- Every row, in the order of its key. $1 … $2 from this key on, $3 limit
select workflow_run_id, source, source_rank, event_id, at, ai_model, agent_session_id, num_turns, input_tokens,
  output_tokens, cache_read_tokens, cache_write_tokens, cost_estimate, result, error_message
from workflow_run_reports
where (workflow_run_id, source) >= ($1, $2)
order by workflow_run_id, source limit $3
