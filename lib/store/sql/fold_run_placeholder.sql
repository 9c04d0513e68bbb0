-- A row for a run id that nobody announced (yet). $1 id, $2 run_id, $3 at
insert into workflow_runs (id, run_id, workflow_name, task_input, status, created_at, started_at, updated_at)
values ($1, $2, 'unknown', '', 'running', $3, $3, $3)
on conflict (id) do update set created_at = excluded.created_at, started_at = excluded.started_at
where workflow_runs.start_event_id is null and workflow_runs.imported = false and excluded.created_at < workflow_runs.created_at
