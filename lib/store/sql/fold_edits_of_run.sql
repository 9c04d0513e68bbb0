-- Edit states that a change of a run's lifetime may concern. $1 run, $2 worktree, $3 since
select id from workflow_edits where workflow_run_id = $1
union select id from workflow_edits where marker_run_id = $1
union select id from workflow_edits where worktree_id = $2 and at >= $3
