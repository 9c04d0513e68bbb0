-- The columns of workflow_runs that are a contract, in its order.
  id, run_id, workflow_name, agent_type, ai_model, task_input, session_id, session_name,
  git_repo, git_branch, initial_commit_hash, final_commit_hash,
  git_diff_added_lines, git_diff_removed_lines, git_diff_files_changed,
  own_added_lines, own_removed_lines, own_files_changed, git_diff_stats,
  uncommitted_added_lines, uncommitted_removed_lines, uncommitted_files_changed, uncommitted_untracked_files,
  uncommitted_at,
  status, result, error_message,
  created_at, started_at, completed_at, duration_seconds, updated_at, last_heartbeat_at,
  workspace_id, workspace_persistent, workspace_cleaned_up, workspace_path,
  cost_estimate, input_tokens, output_tokens, total_tokens, cache_read_tokens, cache_write_tokens,
  user_id, metadata, agent_session_id, num_turns, exit_code, exit_signal, host,
  agent_pid, agent_pid_start, agent_boot_id, parent_run_id, purged_at
