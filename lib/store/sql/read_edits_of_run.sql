-- The uncommitted edits of a run, oldest first. $1 run
select at, files from workflow_edits where workflow_run_id = $1 order by at, id
