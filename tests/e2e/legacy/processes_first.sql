-- workflow_processes as the old system's first release had it; its CHECK was no SQL that PostgreSQL takes.
create table workflow_processes (
  run_id text primary key, pid integer, status text not null default 'running', workflow_name text, session_id text,
  user_id text, started_at timestamp default current_timestamp, workspace_path text,
  last_heartbeat timestamp default current_timestamp, process_info jsonb default '{}',
  created_at timestamp default current_timestamp, updated_at timestamp default current_timestamp
);
create index idx_workflow_processes_status on workflow_processes (status);
create index idx_workflow_processes_process_info on workflow_processes using gin (process_info);
