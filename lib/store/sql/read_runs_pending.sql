-- Runs, newest first, pending, by the index of the active ones. Parameters: parts/runs_page.sql
select
-- include run_columns
from workflow_runs r
where r.status = 'pending' and r.status in ('pending', 'running') and $2 = 'pending'
-- include runs_if_branch
-- include runs_if_workflow
-- include runs_if_session
-- include runs_if_file
-- include runs_page
