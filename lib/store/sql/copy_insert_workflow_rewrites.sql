-- A row as copy_workflow_rewrites gives it, its columns in the same order; one that is there stands.
insert into workflow_rewrites (repository_id, old_hash, new_hash, evidence, command, event_id, at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict do nothing
