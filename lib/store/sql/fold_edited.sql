-- A worktree may have changed. $1 event, $2 worktree, $3 repository, $4 git_dir, $5 common_dir, $6 root, $7 since, $8 at,
-- $9 whole, $10 paths, $11 reason, $12 run_id
insert into workflow_edit_hints (event_id, worktree_id, repository_id, git_dir, common_dir, root, since, at, whole, paths,
  reason, run_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
on conflict (event_id) do nothing
