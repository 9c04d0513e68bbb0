-- What runs amount to, by day, model, repo or workflow. $1 which of these, $2 first day, $3 last day
select case $1 when 'day' then cast(day as text) else name end as name, sum(runs) as runs, sum(completed) as completed,
  sum(failed) as failed, sum(killed) as killed, sum(input_tokens) as input_tokens, sum(output_tokens) as output_tokens,
  sum(cost_estimate) as cost_estimate, sum(own_added_lines) as own_added_lines,
  sum(own_removed_lines) as own_removed_lines
from workflow_day_totals
where dimension = $1 and day >= $2 and day <= $3
group by 1
order by 1
