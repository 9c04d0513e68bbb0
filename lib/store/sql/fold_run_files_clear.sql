-- $1 run
delete from workflow_run_files where workflow_run_id = $1
