-- The run that a marker named, with the columns of fold_evidence_of. $1 run
select 'marker', id, 0, null, null, started_at, completed_at, case when start_event_id is null then 0 else 1 end,
  worktree_id, workspace_path
from workflow_runs where id = $1
