-- Runs, newest first, by the index on workflow and created_at. Parameters: parts/runs_page.sql
select
-- include run_columns
from workflow_runs r
where r.workflow_name = $3
-- include runs_if_branch
-- include runs_if_status
-- include runs_if_session
-- include runs_if_file
-- include runs_page
