-- The events that wait to be folded, the first of them by id. Whoever inserted one may have put anything into it: a time or a
-- payload that is out of all bounds comes as null. $1 how many, $2 bytes of payloads, all together and of each
select s.id, s.type, s.version, s.host, s.at, s.payload
from (
  select w.id, w.type, w.version, w.host, w.at, w.payload, sum(w.size) over (order by w.id) as total, row_number() over (order by w.id) as number
  from (
    select e.id, e.type, e.version, left(e.host, 1000) as host,
      case when e.at >= '1970-01-01 00:00:00+00' and e.at < '10000-01-01 00:00:00+00' then e.at end as at,
      case when octet_length(cast(e.payload as text)) <= $2 then e.payload end as payload,
      least(coalesce(octet_length(cast(e.payload as text)), 0), $2) as size
    from workflow_events e
    where e.folded_at is null and e.set_aside is null
    order by e.id limit $1) w) s
where s.number = 1 or s.total <= $2
order by s.id
