-- The states of a run since it first threw something away, oldest first. What was gone when the run began, it did not
-- throw away. $1 run
select id, at, worktree_id, repository_id, files, case when reason = 'start' then '[]' else discarded end as discarded
from workflow_edits
where workflow_run_id = $1
  and at >= (
    select min(at) from workflow_edits where workflow_run_id = $1 and discarded <> '[]' and reason <> 'start')
order by at, id
