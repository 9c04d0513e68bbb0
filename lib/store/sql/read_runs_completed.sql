-- Runs, newest first, completed, by the index of those. Parameters: parts/runs_page.sql
select
-- include run_columns
from workflow_runs r
where r.status = 'completed' and $2 = 'completed'
-- include runs_if_branch
-- include runs_if_workflow
-- include runs_if_session
-- include runs_if_file
-- include runs_page
