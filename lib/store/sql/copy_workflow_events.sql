-- Every row, in the order of its key. $1 from this key on, $2 limit
select id, type, version, at, host, workflow_run_id, payload
from workflow_events
where id >= $1
order by id limit $2
