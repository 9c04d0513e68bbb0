-- Whose a message was so far. $1 message
select workflow_run_id from workflow_said where id = $1
