-- The states of a run since it first threw something away, oldest first. $1 run
select id, at, worktree_id, repository_id, files, discarded
from workflow_edits
where workflow_run_id = $1
  and at >= (select min(at) from workflow_edits where workflow_run_id = $1 and discarded <> '[]')
order by at, id
