-- workflow_runs as the old system's first release had it, its text types being PostgreSQL's.
create table workflow_runs (
  id varchar primary key, run_id varchar(255) unique not null, workflow_name varchar(255) not null, agent_type varchar(255),
  ai_model varchar(255), task_input text not null, session_id varchar(255), session_name varchar(255), git_repo text,
  git_branch varchar(255), initial_commit_hash varchar(255), final_commit_hash varchar(255),
  git_diff_added_lines integer default 0, git_diff_removed_lines integer default 0, git_diff_files_changed integer default 0,
  git_diff_stats text default '{}', status varchar(50) not null default 'pending', result text, error_message text,
  created_at timestamp default current_timestamp, completed_at timestamp, duration_seconds integer, workspace_id varchar(255),
  workspace_persistent boolean default true, workspace_cleaned_up boolean default false, workspace_path text,
  cost_estimate real, input_tokens integer default 0, output_tokens integer default 0, total_tokens integer default 0,
  user_id varchar(255), metadata text default '{}', updated_at timestamp default current_timestamp
);
create index idx_workflow_runs_run_id on workflow_runs (run_id);
create index idx_workflow_runs_status on workflow_runs (status);
create index idx_workflow_runs_created_at on workflow_runs (created_at);
