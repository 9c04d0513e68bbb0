-- What was told of a worktree. $1 worktree, $2 limit
select event_id, repository_id, git_dir, common_dir, root, since, whole, paths, reason, run_id
from workflow_edit_hints
where worktree_id = $1 and not done
order by at, event_id limit $2
