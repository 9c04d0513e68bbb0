-- Movements that the objects were not asked about, latest first. $1 before this id, $2 limit
select m.id, e.payload, e.at
from workflow_movements m join workflow_events e on e.id = m.id
where not m.examined and m.id < $1 and e.payload is not null
order by m.id desc limit $2
