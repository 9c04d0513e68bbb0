-- A row as copy_workflow_said gives it, its columns in the same order; one that is there stands.
insert into workflow_said (id, workflow_run_id, role, kind, context, text, at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict do nothing
