-- What the rows of a day amount to, along each dimension. $1 day
insert into workflow_day_totals (day, dimension, name, runs, completed, failed, killed, input_tokens, output_tokens, cost_estimate,
  own_added_lines, own_removed_lines)
select d.day, k.dimension, case k.dimension when 'model' then d.ai_model when 'repo' then d.git_repo
    when 'workflow' then d.workflow_name else '' end,
  sum(d.runs), sum(d.completed), sum(d.failed), sum(d.killed), sum(d.input_tokens), sum(d.output_tokens),
  sum(d.cost_estimate), sum(d.own_added_lines), sum(d.own_removed_lines)
from workflow_days d cross join (
  select 'day' as dimension union all select 'model' union all select 'repo' union all select 'workflow') k
where d.day = $1
group by d.day, k.dimension, 3
