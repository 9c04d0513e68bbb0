-- Runs, newest first, that changed a file, by the index on paths. Parameters: parts/runs_page.sql
-- The whole name in a case: with its beginning it would count twice in the planner's eyes.
select
-- include run_columns
from workflow_run_files f join workflow_runs r on r.id = f.workflow_run_id
where left(f.path, 500) = left($5, 500) and case when f.path = $5 then true else false end
-- include runs_if_branch
-- include runs_if_status
-- include runs_if_workflow
-- include runs_if_session
-- include runs_page
