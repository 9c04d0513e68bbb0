-- A row as copy_workflow_worktrees gives it, its columns in the same order; one that is there stands.
insert into workflow_worktrees (id, repository_id, git_dir, root, seen_event_id, first_seen_at, seen_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict do nothing
