-- Events that wait to be fed. $1 limit
select e.id, e.type, e.version, e.at, e.workflow_run_id, e.payload, e.recorded_at
from workflow_unfed u join workflow_events e on e.id = u.event_id
where u.refused is null
order by u.event_id limit $1
