-- Movements that a change of a run's lifetime may concern. $1 run, $2 worktree, $3 since
select id from workflow_movements where workflow_run_id = $1
union select movement_id from workflow_evidence where workflow_run_id = $1
union select id from workflow_movements where worktree_id = $2 and latest_at >= $3
