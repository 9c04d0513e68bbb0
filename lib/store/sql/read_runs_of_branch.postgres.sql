-- Runs, newest first, by the index on branch and created_at. Parameters: parts/runs_page.sql
-- The whole name in a case: with its beginning it would count twice in the planner's eyes.
select
-- include run_columns
from workflow_runs r
where left(r.git_branch, 500) = left($1, 500) and case when r.git_branch = $1 then true else false end
-- include runs_if_status
-- include runs_if_workflow
-- include runs_if_session
-- include runs_if_file
-- include runs_page
