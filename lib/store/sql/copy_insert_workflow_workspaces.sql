-- A row as copy_workflow_workspaces gives it, its columns in the same order; one that is there stands.
insert into workflow_workspaces (id, path, repository_id, worktree_id, persistent, seen_event_id, created_at,
  last_used_at, cleaned_up_at, cleaned_up_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict do nothing
