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
  r.value ->> 'id', r.value ->> 'run_id', r.value ->> 'workflow_name', r.value ->> 'agent_type',
  r.value ->> 'ai_model', r.value ->> 'task_input', r.value ->> 'session_id', r.value ->> 'session_name',
  r.value ->> 'git_repo', r.value ->> 'git_branch', r.value ->> 'initial_commit_hash',
  r.value ->> 'final_commit_hash', r.value ->> 'final_commit_hash', coalesce(r.value ->> 'git_diff_added_lines', 0),
  coalesce(r.value ->> 'git_diff_removed_lines', 0), coalesce(r.value ->> 'git_diff_files_changed', 0),
  coalesce(r.value ->> 'git_diff_stats', '{}'), coalesce(r.value ->> 'own_added_lines', 0),
  coalesce(r.value ->> 'own_removed_lines', 0), coalesce(r.value ->> 'own_files_changed', 0), r.value ->> 'status',
  r.value ->> 'result', r.value ->> 'error_message', r.value ->> 'created_at', r.value ->> 'started_at',
  r.value ->> 'completed_at', r.value ->> 'duration_seconds', r.value ->> 'updated_at',
  r.value ->> 'last_heartbeat_at', r.value ->> 'workspace_id', coalesce(r.value ->> 'workspace_persistent', true),
  coalesce(r.value ->> 'workspace_cleaned_up', false), r.value ->> 'workspace_path', r.value ->> 'cost_micros',
  coalesce(r.value ->> 'input_tokens', 0), coalesce(r.value ->> 'output_tokens', 0),
  coalesce(r.value ->> 'total_tokens', 0), coalesce(r.value ->> 'cache_read_tokens', 0),
  coalesce(r.value ->> 'cache_write_tokens', 0), r.value ->> 'user_id', coalesce(r.value ->> 'metadata', '{}'),
  r.value ->> 'agent_session_id', r.value ->> 'num_turns', r.value ->> 'exit_code', r.value ->> 'exit_signal',
  r.value ->> 'host', r.value ->> 'agent_pid', r.value ->> 'agent_pid_start', r.value ->> 'agent_boot_id',
  r.value ->> 'parent_run_id', r.value ->> 'end_event_id', coalesce(r.value ->> 'task_input', ''),
  r.value ->> 'ai_model', r.value ->> 'agent_session_id', r.value ->> 'num_turns', r.value ->> 'result',
  r.value ->> 'error_message', true
from json_each($1) as r
where true
-- include imported_stands
