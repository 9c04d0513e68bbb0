-- Events whose payload retention took, in the order of their ids; with the columns of copy_insert_event. $1 from this id on,
-- $2 limit
select id, type, version, at, host, workflow_run_id, payload, recorded_at, folded_at, set_aside
from workflow_events
where id >= $1 and payload is null
order by id limit $2
