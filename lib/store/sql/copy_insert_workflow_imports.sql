-- A row as copy_workflow_imports gives it, its columns in the same order; one that is there stands.
insert into workflow_imports (event_id, workflow_run_id, source, data)
values ($1, $2, $3, $4)
on conflict do nothing
