-- The runs that a message was delivered to. $1 message
select workflow_run_id from workflow_deliveries where message_id = $1
