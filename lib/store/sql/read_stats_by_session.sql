-- What runs amount to, by session, the costliest first. $1 since, $2 until (not included)
select session_id, max(session_name),
  count(*), count(case when status = 'completed' then 1 end), count(case when status = 'failed' then 1 end),
  count(case when status = 'killed' then 1 end),
  cast(coalesce(sum(input_tokens), 0) as bigint), cast(coalesce(sum(output_tokens), 0) as bigint),
  cast(coalesce(sum(cache_read_tokens), 0) as bigint), cast(coalesce(sum(cache_write_tokens), 0) as bigint),
  coalesce(sum(cost_estimate), 0), count(*) - count(cost_estimate),
  cast(coalesce(sum(own_added_lines), 0) as bigint), cast(coalesce(sum(own_removed_lines), 0) as bigint)
from workflow_runs
where created_at >= $1 and created_at < $2
group by session_id
order by coalesce(sum(cost_estimate), 0) desc, count(*) desc, 1
