-- Runwake's schema for PostgreSQL: the totals of a day along each dimension. A day has a row in workflow_days for each
-- combination of repository, workflow and model that it saw; a year of a team's days is a hundred thousand of those, and
-- adding them up takes 60 ms. These are a few for each day.

create table workflow_day_totals (
  day date not null,
  dimension varchar(20) collate "C" not null check (dimension in ('day', 'model', 'repo', 'workflow')),
  name text collate "C" not null,
  runs bigint not null,
  completed bigint not null,
  failed bigint not null,
  killed bigint not null,
  input_tokens bigint not null,
  output_tokens bigint not null,
  cost_estimate numeric(18,6) not null,
  own_added_lines bigint not null,
  own_removed_lines bigint not null
);
create index workflow_day_totals_by_dimension on workflow_day_totals (dimension, day);
create index workflow_day_totals_by_day on workflow_day_totals (day);

insert into workflow_day_totals (day, dimension, name, runs, completed, failed, killed, input_tokens, output_tokens, cost_estimate,
  own_added_lines, own_removed_lines)
select d.day, k.dimension, case k.dimension when 'model' then d.ai_model when 'repo' then d.git_repo
    when 'workflow' then d.workflow_name else '' end,
  sum(d.runs), sum(d.completed), sum(d.failed), sum(d.killed), sum(d.input_tokens), sum(d.output_tokens),
  sum(d.cost_estimate), sum(d.own_added_lines), sum(d.own_removed_lines)
from workflow_days d cross join (
  select 'day' as dimension union all select 'model' union all select 'repo' union all select 'workflow') k
group by d.day, k.dimension, 3;
