-- $1 id, $2 workflow, $3 agent_type, $4 model, $5 task, $6 session, $7 session_name, $8 git_repo, $9 branch, $10 head, $11 at,
-- $12 workspace, $13 persistent, $14 path, $15 user, $16 metadata, $17 host, $18 pid, $19 pid_start, $20 boot_id,
-- $21 parent_run_id, $22 repository, $23 worktree, $24 claim, $25 event
update workflow_runs set workflow_name = $2, agent_type = $3, start_model = $4, start_task = $5, session_id = $6,
  session_name = $7, git_repo = $8, git_branch = $9, initial_commit_hash = $10, created_at = $11, started_at = $11,
  workspace_id = $12, workspace_persistent = $13, workspace_path = $14, user_id = $15, metadata = $16, host = $17,
  agent_pid = $18, agent_pid_start = $19, agent_boot_id = $20, parent_run_id = $21, repository_id = $22,
  worktree_id = $23, wants_claim = $24, holds_claim = false, start_event_id = $25
where id = $1
