-- Runs, newest first, by the index on the session's id and created_at. Parameters: parts/runs_page.sql
select
-- include run_columns
from workflow_runs r
where r.session_id = $4
-- include runs_if_branch
-- include runs_if_status
-- include runs_if_workflow
-- include runs_if_file
-- include runs_page
