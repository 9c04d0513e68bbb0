-- A row as copy_workflow_usage gives it, its columns in the same order; one that is there stands.
insert into workflow_usage (response_id, workflow_run_id, at, ai_model, input_tokens, output_tokens,
  cache_read_tokens, cache_write_tokens, cost_estimate)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict do nothing
