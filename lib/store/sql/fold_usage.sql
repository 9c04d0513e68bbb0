-- Of two that tell of one answer the larger stands, and of two alike the one with a price. $1 response, $2 run, $3 at, $4 model,
-- $5 input, $6 output, $7 cache read, $8 cache write, $9 cost
insert into workflow_usage (response_id, workflow_run_id, at, ai_model, input_tokens, output_tokens, cache_read_tokens,
  cache_write_tokens, cost_estimate)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (response_id, workflow_run_id) do update set at = excluded.at, ai_model = excluded.ai_model,
  input_tokens = excluded.input_tokens, output_tokens = excluded.output_tokens,
  cache_read_tokens = excluded.cache_read_tokens, cache_write_tokens = excluded.cache_write_tokens,
  cost_estimate = excluded.cost_estimate
where (workflow_usage.input_tokens + workflow_usage.output_tokens + workflow_usage.cache_read_tokens
    + workflow_usage.cache_write_tokens, workflow_usage.output_tokens, workflow_usage.cache_read_tokens,
    coalesce(workflow_usage.cost_estimate, -1), workflow_usage.at, workflow_usage.ai_model)
  < (excluded.input_tokens + excluded.output_tokens + excluded.cache_read_tokens + excluded.cache_write_tokens,
    excluded.output_tokens, excluded.cache_read_tokens, coalesce(excluded.cost_estimate, -1), excluded.at, excluded.ai_model)
