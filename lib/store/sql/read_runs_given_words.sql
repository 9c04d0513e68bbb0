-- Other runs whose agents were given what people said to a run, and that still hold it. $1 run
select distinct r.run_id
from workflow_said s join workflow_deliveries d on d.message_id = s.id join workflow_runs r on r.id = d.workflow_run_id
where s.workflow_run_id = $1 and s.kind = 'say' and r.id <> $1 and r.purged_at is null
order by r.run_id
