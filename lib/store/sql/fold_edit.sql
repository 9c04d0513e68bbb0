-- An edit state, as far as its owner depends on it. $1 id
select worktree_id, root, since, at, marker_run_id, workflow_run_id from workflow_edits where id = $1
