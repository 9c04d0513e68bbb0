-- The movements that led to a commit, and the runs that they belong to. $1 hash
select m.id, m.new_hash, m.verdict, m.workflow_run_id, r.run_id
from workflow_movements m
left join workflow_runs r on r.id = m.workflow_run_id
where m.new_hash = $1
order by m.moved_at, m.position, m.id
