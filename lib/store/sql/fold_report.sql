-- The latest report of a source stands. $1 run, $2 source, $3 its rank, $4 event, $5 at, $6 model, $7 agent's session, $8 turns,
-- $9 input, $10 output, $11 cache read, $12 cache write, $13 cost, $14 result, $15 error
insert into workflow_run_reports (workflow_run_id, source, source_rank, event_id, at, ai_model, agent_session_id, num_turns,
  input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_estimate, result, error_message)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
on conflict (workflow_run_id, source) do update set event_id = excluded.event_id, at = excluded.at,
  ai_model = excluded.ai_model, agent_session_id = excluded.agent_session_id, num_turns = excluded.num_turns,
  input_tokens = excluded.input_tokens, output_tokens = excluded.output_tokens,
  cache_read_tokens = excluded.cache_read_tokens, cache_write_tokens = excluded.cache_write_tokens,
  cost_estimate = excluded.cost_estimate, result = excluded.result, error_message = excluded.error_message
where (workflow_run_reports.at, workflow_run_reports.event_id) < (excluded.at, excluded.event_id)
