-- Of a message's deliveries the earliest stands. $1 message
update workflow_said set
  delivered_run_id = (select d.workflow_run_id from workflow_deliveries d where d.message_id = $1
    order by d.at, d.workflow_run_id limit 1),
  delivered_at = (select min(d.at) from workflow_deliveries d where d.message_id = $1)
where id = $1
