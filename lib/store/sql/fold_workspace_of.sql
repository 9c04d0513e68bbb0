-- Was this worktree a workspace by then? $1 worktree, $2 at
select 1 from workflow_workspaces where worktree_id = $1 and created_at <= $2 limit 1
