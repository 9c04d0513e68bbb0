-- Bytes of contents that are kept of a worktree's edits that are no run's. $1 worktree
select coalesce(sum(kept_bytes), 0) from workflow_edits where worktree_id = $1 and workflow_run_id is null
