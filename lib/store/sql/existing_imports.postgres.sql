-- And what they say beside the runs, as fold_import would. $1 after which place, $2 up to which
insert into workflow_imports (event_id, workflow_run_id, source, data)
select event_id, id, source, cast(payload as jsonb) from runwake_import where place > $1 and place <= $2
on conflict (event_id) do nothing
