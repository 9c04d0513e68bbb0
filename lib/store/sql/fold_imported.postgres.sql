-- Runs as imports tell them, all at once. What a real start or end told stands: an import says what they did not.
-- $1 a list of objects, members named as the columns (cost_micros: cost_estimate in micro-dollars)
insert into workflow_runs (
  id, run_id, workflow_name, agent_type, ai_model, task_input, session_id, session_name, git_repo, git_branch,
  initial_commit_hash, final_commit_hash, end_commit_hash, git_diff_added_lines, git_diff_removed_lines,
  git_diff_files_changed, git_diff_stats, own_added_lines, own_removed_lines, own_files_changed, status, result,
  error_message, created_at, started_at, completed_at, duration_seconds, updated_at, last_heartbeat_at, workspace_id,
  workspace_persistent, workspace_cleaned_up, workspace_path, cost_estimate, input_tokens, output_tokens,
  total_tokens, cache_read_tokens, cache_write_tokens, user_id, metadata, agent_session_id, num_turns, exit_code,
  exit_signal, host, agent_pid, agent_pid_start, agent_boot_id, parent_run_id, end_event_id, start_task,
  start_model, start_agent_session_id, start_num_turns, end_result, end_error, imported)
select
  r.id, r.run_id, r.workflow_name, r.agent_type, r.ai_model, r.task_input, r.session_id, r.session_name, r.git_repo,
  r.git_branch, r.initial_commit_hash, r.final_commit_hash, r.final_commit_hash, coalesce(r.git_diff_added_lines, 0),
  coalesce(r.git_diff_removed_lines, 0), coalesce(r.git_diff_files_changed, 0), coalesce(r.git_diff_stats, '{}'),
  coalesce(r.own_added_lines, 0), coalesce(r.own_removed_lines, 0), coalesce(r.own_files_changed, 0), r.status,
  r.result, r.error_message, r.created_at, r.started_at, r.completed_at, r.duration_seconds, r.updated_at,
  r.last_heartbeat_at, r.workspace_id, coalesce(r.workspace_persistent, true),
  coalesce(r.workspace_cleaned_up, false), r.workspace_path, cast(r.cost_micros as numeric) / 1000000,
  coalesce(r.input_tokens, 0), coalesce(r.output_tokens, 0), coalesce(r.total_tokens, 0),
  coalesce(r.cache_read_tokens, 0), coalesce(r.cache_write_tokens, 0), r.user_id, coalesce(r.metadata, '{}'),
  r.agent_session_id, r.num_turns, r.exit_code, r.exit_signal, r.host, r.agent_pid, r.agent_pid_start,
  r.agent_boot_id, r.parent_run_id, r.end_event_id,
  coalesce(r.task_input, ''), r.ai_model, r.agent_session_id, r.num_turns, r.result, r.error_message, true
from jsonb_to_recordset(cast($1 as jsonb)) as r (
  id uuid, run_id text, workflow_name text, agent_type text, ai_model text, task_input text, session_id uuid,
  session_name text, git_repo text, git_branch text, initial_commit_hash text, final_commit_hash text,
  git_diff_added_lines bigint, git_diff_removed_lines bigint, git_diff_files_changed bigint, git_diff_stats jsonb,
  own_added_lines bigint, own_removed_lines bigint, own_files_changed bigint, status text, result text,
  error_message text, created_at timestamptz, started_at timestamptz, completed_at timestamptz,
  duration_seconds integer, updated_at timestamptz, last_heartbeat_at timestamptz, workspace_id text,
  workspace_persistent boolean, workspace_cleaned_up boolean, workspace_path text, input_tokens bigint,
  output_tokens bigint, total_tokens bigint, cache_read_tokens bigint, cache_write_tokens bigint, user_id uuid,
  metadata jsonb, agent_session_id text, num_turns integer, exit_code bigint, exit_signal bigint, host text,
  agent_pid bigint, agent_pid_start bigint, agent_boot_id text, parent_run_id text, end_event_id uuid,
  cost_micros bigint)
-- include imported_stands
