-- $1 run
update workflow_run_reports set result = null, error_message = null
where workflow_run_id = $1 and (result is not null or error_message is not null)
