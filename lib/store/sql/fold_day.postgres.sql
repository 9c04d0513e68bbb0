-- What a day's runs amount to. $1 day, $2 its start, $3 its end
insert into workflow_days (day, git_repo, workflow_name, ai_model, runs, completed, failed, killed,
  input_tokens, output_tokens, cost_estimate, own_added_lines, own_removed_lines)
select cast($1 as date), coalesce(git_repo, ''), workflow_name, coalesce(ai_model, ''), count(*),
  sum(case when status = 'completed' then 1 else 0 end), sum(case when status = 'failed' then 1 else 0 end),
  sum(case when status = 'killed' then 1 else 0 end), sum(input_tokens), sum(output_tokens),
  coalesce(sum(cost_estimate), 0), sum(own_added_lines), sum(own_removed_lines)
from workflow_runs
where created_at >= $2 and created_at < $3
group by coalesce(git_repo, ''), workflow_name, coalesce(ai_model, '')
