-- The runs that what was said in a run was delivered to. $1 run
select distinct d.workflow_run_id from workflow_said s join workflow_deliveries d on d.message_id = s.id
where s.workflow_run_id = $1
