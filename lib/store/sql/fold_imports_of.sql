-- What imports tell of runs, the run table's word before the process table's; and what their rows are now. $1 a list of runs
select i.workflow_run_id, i.event_id, i.data, r.created_at, case when r.start_event_id is null then 0 else 1 end, r.metadata
from workflow_imports i left join workflow_runs r on r.id = i.workflow_run_id
where i.workflow_run_id in (select value from json_each($1))
order by i.workflow_run_id, case i.source when 'workflow_runs' then 0 else 1 end, i.event_id
