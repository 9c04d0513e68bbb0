-- $1 repository, $2 hash
select distinct workflow_run_id from workflow_movements
where repository_id = $1 and new_hash = $2 and workflow_run_id is not null
