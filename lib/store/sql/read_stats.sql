-- What runs amount to, by what they have in common: the latest days first, else the costliest; by name among equals.
-- $1 since, $2 until (not included), $3 day (UTC), model, repo, workflow, session; anything else: all together
select case $3 when 'day' then substr(cast(created_at as text), 1, 10) when 'model' then ai_model when 'repo' then git_repo
    when 'workflow' then workflow_name when 'session' then cast(session_id as text) end as what,
  case when $3 = 'session' then max(session_name) end as name,
  count(*), count(case when status = 'completed' then 1 end), count(case when status = 'failed' then 1 end),
  count(case when status = 'killed' then 1 end),
  cast(coalesce(sum(input_tokens), 0) as bigint), cast(coalesce(sum(output_tokens), 0) as bigint),
  cast(coalesce(sum(cache_read_tokens), 0) as bigint), cast(coalesce(sum(cache_write_tokens), 0) as bigint),
  coalesce(sum(cost_estimate), 0), count(*) - count(cost_estimate),
  cast(coalesce(sum(own_added_lines), 0) as bigint), cast(coalesce(sum(own_removed_lines), 0) as bigint)
from workflow_runs
where created_at >= $1 and created_at < $2
group by 1
order by case when $3 = 'day' then max(created_at) end desc, coalesce(sum(cost_estimate), 0) desc, count(*) desc, 1 nulls last
