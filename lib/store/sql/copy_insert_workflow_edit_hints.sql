-- A row as copy_workflow_edit_hints gives it, its columns in the same order. One that is there stands, unless it is still to do and
-- was followed where this comes from.
insert into workflow_edit_hints (event_id, done, worktree_id, repository_id, git_dir, common_dir, root, since, at,
  whole, paths, reason, run_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
on conflict (event_id) do update set done = true, worktree_id = null, repository_id = null, git_dir = null, common_dir = null,
  root = null, since = null, at = null, whole = null, paths = null, reason = null, run_id = null
where excluded.done
