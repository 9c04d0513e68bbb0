-- A row as copy_workflow_said gives it, its columns in the same order; one that is there stands.
insert into workflow_said (id, workflow_run_id, role, kind, context, text, at, delivered_run_id, delivered_at, is_echo)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict do nothing
