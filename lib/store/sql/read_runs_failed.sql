-- Runs, newest first, failed, by the index of those that failed or were killed. Parameters: parts/runs_page.sql
select
-- include run_columns
from workflow_runs r
where r.status = 'failed' and $2 = 'failed'
-- include runs_if_branch
-- include runs_if_workflow
-- include runs_if_session
-- include runs_if_file
-- include runs_page
