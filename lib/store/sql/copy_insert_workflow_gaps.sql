-- A row as copy_workflow_gaps gives it, its columns in the same order; one that is there stands.
insert into workflow_gaps (id, repository_id, worktree_id, reason, detail, at)
values ($1, $2, $3, $4, $5, $6)
on conflict do nothing
