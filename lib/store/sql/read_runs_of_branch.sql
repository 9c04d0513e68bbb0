-- Runs, newest first, by the index on branch and created_at. Parameters: parts/runs_page.sql
select
-- include run_columns
from workflow_runs r
where r.git_branch = $1
-- include runs_if_status
-- include runs_if_workflow
-- include runs_if_session
-- include runs_if_file
-- include runs_page
