-- Every row, in the order of its key. $1 … $4 from this key on, $5 limit
select day, git_repo, workflow_name, ai_model, runs, completed, failed, killed, input_tokens, output_tokens,
  cost_estimate, own_added_lines, own_removed_lines
from workflow_days
where (day, git_repo, workflow_name, ai_model) >= ($1, $2, $3, $4)
order by day, git_repo, workflow_name, ai_model limit $5
