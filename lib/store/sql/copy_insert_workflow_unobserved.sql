-- A row as copy_workflow_unobserved gives it, its columns in the same order; one that is there stands.
insert into workflow_unobserved (repository_id)
values ($1)
on conflict do nothing
