-- Every row, in the order of its key. $1 from this key on, $2 limit
select event_id, workflow_run_id, source, data
from workflow_imports
where event_id >= $1
order by event_id limit $2
