-- Runs, newest first, that changed a file, by the index on paths. Parameters: parts/runs_page.sql
select
-- include run_columns
from workflow_run_files f join workflow_runs r on r.id = f.workflow_run_id
where f.path = $5
-- include runs_if_branch
-- include runs_if_status
-- include runs_if_workflow
-- include runs_if_session
-- include runs_page
