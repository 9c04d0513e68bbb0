-- $1 event, $2 run, $3 source, $4 data
insert into workflow_imports (event_id, workflow_run_id, source, data) values ($1, $2, $3, $4)
on conflict (event_id) do nothing
