-- Every row, in the order of its key. $1 … $2 from this key on, $3 limit
select response_id, workflow_run_id, at, ai_model, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
  cost_estimate
from workflow_usage
where (response_id, workflow_run_id) >= ($1, $2)
order by response_id, workflow_run_id limit $3
