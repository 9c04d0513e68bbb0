-- Every row, in the order of its key. $1 from this key on, $2 limit
select event_id, done, worktree_id, repository_id, git_dir, common_dir, root, since, at, whole, paths, reason, run_id
from workflow_edit_hints
where event_id >= $1
order by event_id limit $2
