-- $1 run, $2 path
delete from workflow_run_files where workflow_run_id = $1 and path = $2
