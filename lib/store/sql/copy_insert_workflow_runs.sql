-- Only where: users.id uuid
-- A row as copy_workflow_runs gives it, its columns in the same order; one that is there stands.
insert into workflow_runs (id, run_id, workflow_name, agent_type, ai_model, task_input, session_id, session_name,
  git_repo, git_branch, initial_commit_hash, final_commit_hash, git_diff_added_lines, git_diff_removed_lines,
  git_diff_files_changed, own_added_lines, own_removed_lines, own_files_changed, git_diff_stats, status, result,
  error_message, created_at, started_at, completed_at, duration_seconds, updated_at, last_heartbeat_at, workspace_id,
  workspace_persistent, workspace_cleaned_up, workspace_path, cost_estimate, input_tokens, output_tokens,
  total_tokens, cache_read_tokens, cache_write_tokens, user_id, metadata, agent_session_id, num_turns, exit_code,
  exit_signal, host, agent_pid, agent_pid_start, agent_boot_id, parent_run_id, repository_id, worktree_id,
  holds_claim, wants_claim, start_event_id, end_event_id, end_commit_hash, end_rank, diff_from, diff_to,
  diff_event_id, diff_at, diff_wanted, diff_stale, uncommitted_added_lines, uncommitted_removed_lines,
  uncommitted_files_changed, uncommitted_untracked_files, uncommitted_at, imported, start_task, start_model,
  start_agent_session_id, start_num_turns, end_result, end_error, purged_at)
values ($1, $2, $3, $4, $5, $6, (select id from sessions where id = $7), $8, $9, $10, $11, $12, $13, $14, $15, $16,
  $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38,
  (select id from users where id = $39), $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50, $51, $52, $53, $54,
  $55, $56, $57, $58, $59, $60, $61, $62, $63, $64, $65, $66, $67, $68, $69, $70, $71, $72, $73, $74, $75, $76)
on conflict do nothing
