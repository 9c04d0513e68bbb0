-- $1 id
select started_at, start_event_id, end_rank, completed_at, end_event_id, worktree_id, workspace_id, created_at, imported,
  session_id
from workflow_runs where id = $1
