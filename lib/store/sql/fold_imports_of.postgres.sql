-- What imports tell of runs, the run table's word before the process table's; and what their rows are now. Each run's are
-- looked up by themselves: a planner that knows no table's size would read them all. $1 a list of runs
select i.workflow_run_id, i.event_id, cast(i.data as text), r.created_at, case when r.start_event_id is null then 0 else 1 end, cast(r.metadata as text)
from (select cast(value as uuid) as id from jsonb_array_elements_text(cast($1 as jsonb)) as e (value)) l
cross join lateral (
  select workflow_run_id, event_id, data, source from workflow_imports where workflow_run_id = l.id
  order by case source when 'workflow_runs' then 0 else 1 end, event_id limit 64) i
left join lateral (select created_at, start_event_id, metadata from workflow_runs where id = l.id limit 1) r on true
order by i.workflow_run_id, case i.source when 'workflow_runs' then 0 else 1 end, i.event_id
