-- A row as copy_workflow_deliveries gives it, its columns in the same order; one that is there stands.
insert into workflow_deliveries (message_id, workflow_run_id, at, as_prompt)
values ($1, $2, $3, $4)
on conflict do nothing
