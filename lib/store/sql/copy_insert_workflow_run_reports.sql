-- A row as copy_workflow_run_reports gives it, its columns in the same order; one that is there stands.
insert into workflow_run_reports (workflow_run_id, source, source_rank, event_id, at, ai_model, agent_session_id,
  num_turns, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_estimate, result, error_message)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
on conflict do nothing
