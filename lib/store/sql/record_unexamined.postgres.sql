-- A repository's movements that the objects were not asked about, latest first. $1 repository, $2 before this id, $3 limit
select m.id, e.payload, e.at
from workflow_movements m join workflow_events e on e.id = m.id
where m.repository_id = $1 and not m.examined and m.id < $2 and e.payload is not null
order by m.id desc limit $3
