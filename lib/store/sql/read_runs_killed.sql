-- Runs, newest first, killed, by the index of those that failed or were killed. Parameters: parts/runs_page.sql
select
-- include run_columns
from workflow_runs r
where r.status = 'killed' and $2 = 'killed'
-- include runs_if_branch
-- include runs_if_workflow
-- include runs_if_session
-- include runs_if_file
-- include runs_page
