-- A row as copy_workflow_evidence gives it, its columns in the same order; one that is there stands.
insert into workflow_evidence (id, movement_id, kind, workflow_run_id, marker_dir, exact, at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict do nothing
