-- And the one after it.
alter table workflow_runs add column temp_workspace boolean default false;
create index idx_workflow_runs_temp_workspace on workflow_runs (temp_workspace);
