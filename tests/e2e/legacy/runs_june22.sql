-- What the old system's next migration added to workflow_runs.
create unique index idx_workflow_runs_workspace_path_unique on workflow_runs (workspace_path) where workspace_path is not null;
create index idx_workflow_runs_session_status on workflow_runs (session_id, status);
create index idx_workflow_runs_active on workflow_runs (status, created_at) where status in ('pending', 'running');
create index idx_workflow_runs_completed_at on workflow_runs (completed_at) where completed_at is not null;
create index idx_workflow_runs_cleanup_candidates on workflow_runs (workspace_cleaned_up, completed_at)
  where workspace_cleaned_up = false;
