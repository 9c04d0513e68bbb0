-- Every row, in the order of its key. $1 from this key on, $2 limit
select id, movement_id, kind, workflow_run_id, marker_dir, exact, at
from workflow_evidence
where id >= $1
order by id limit $2
