-- One movement, and the run that it belongs to. $1 id
select m.id, m.new_hash, m.verdict, m.workflow_run_id, r.run_id
from workflow_movements m
left join workflow_runs r on r.id = m.workflow_run_id
where m.id = $1
