-- workflow_runs as the old system ships it for PostgreSQL.
create table workflow_runs (
  id uuid primary key default gen_random_uuid(), run_id varchar(255) unique not null, workflow_name varchar(255) not null,
  agent_type varchar(255), ai_model varchar(255), task_input text not null, session_id varchar(255), session_name varchar(255),
  git_repo text, git_branch varchar(255), initial_commit_hash varchar(255), final_commit_hash varchar(255),
  git_diff_added_lines integer default 0, git_diff_removed_lines integer default 0, git_diff_files_changed integer default 0,
  git_diff_stats jsonb default '{}', status varchar(50) not null default 'pending', result text, error_message text,
  created_at timestamptz default now(), completed_at timestamptz, duration_seconds integer, workspace_id varchar(255),
  workspace_persistent boolean default true, workspace_cleaned_up boolean default false, workspace_path text,
  cost_estimate decimal(10,6), input_tokens integer default 0, output_tokens integer default 0, total_tokens integer default 0,
  user_id varchar(255), metadata jsonb default '{}', updated_at timestamptz default now(),
  constraint chk_workflow_runs_status check (status in ('pending', 'running', 'completed', 'failed', 'killed')),
  constraint chk_workflow_runs_duration_positive check (duration_seconds is null or duration_seconds >= 0),
  constraint chk_workflow_runs_tokens_positive check (input_tokens >= 0 and output_tokens >= 0 and total_tokens >= 0)
);
create index idx_workflow_runs_run_id on workflow_runs (run_id);
create index idx_workflow_runs_session_id on workflow_runs (session_id);
create index idx_workflow_runs_status on workflow_runs (status);
create index idx_workflow_runs_workflow_name on workflow_runs (workflow_name);
create index idx_workflow_runs_created_at on workflow_runs (created_at);
create index idx_workflow_runs_user_id on workflow_runs (user_id);
create index idx_workflow_runs_git_branch on workflow_runs (git_branch);
create index idx_workflow_runs_workspace_id on workflow_runs (workspace_id);
create index idx_workflow_runs_metadata on workflow_runs using gin (metadata);
create index idx_workflow_runs_git_diff_stats on workflow_runs using gin (git_diff_stats);
create or replace function update_workflow_runs_updated_at() returns trigger language plpgsql as
  $$ begin new.updated_at = now(); return new; end $$;
create trigger update_workflow_runs_updated_at before update on workflow_runs
  for each row execute function update_workflow_runs_updated_at();
