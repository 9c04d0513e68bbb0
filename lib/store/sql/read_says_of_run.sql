-- What people said to a run, and which run's agent has seen it. $1 run
select s.id, s.text, s.at, s.delivered_at, r.run_id as delivered_run_id
from workflow_said s left join workflow_runs r on r.id = s.delivered_run_id
where s.workflow_run_id = $1 and s.kind = 'say'
order by s.at, s.id
