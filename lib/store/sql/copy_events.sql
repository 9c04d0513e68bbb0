-- Events that can be replayed, as many as have so many bytes together, one at least. $1 from this id on, $2 up to this one, $3 bytes
select e.id, e.type, e.version, e.at, e.host, e.workflow_run_id, e.payload, e.recorded_at, e.folded_at,
  e.set_aside
from (select id, sum(length(cast(payload as blob))) over (order by id rows unbounded preceding) as bytes,
    row_number() over (order by id) as place
  from workflow_events where id >= $1 and id <= $2 and payload is not null) sized
join workflow_events e on e.id = sized.id
where sized.bytes <= $3 or sized.place = 1
order by e.id
