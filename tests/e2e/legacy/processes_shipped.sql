-- workflow_processes as the old system ships it for PostgreSQL.
create table workflow_processes (
  run_id varchar(255) primary key, pid integer, status varchar(50) not null default 'running', workflow_name varchar(255),
  session_id varchar(255), user_id varchar(255), started_at timestamptz default now(), workspace_path text,
  last_heartbeat timestamptz default now(), process_info jsonb default '{}', created_at timestamptz default now(),
  updated_at timestamptz default now(),
  constraint chk_workflow_processes_status check (status in ('running', 'completed', 'failed', 'killed', 'timeout'))
);
create index idx_workflow_processes_status on workflow_processes (status);
create or replace function update_workflow_processes_updated_at() returns trigger language plpgsql as
  $$ begin new.updated_at = now(); return new; end $$;
create trigger update_workflow_processes_updated_at before update on workflow_processes
  for each row execute function update_workflow_processes_updated_at();
