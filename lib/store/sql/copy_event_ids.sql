-- Events that can be replayed, in the order of their ids. $1 from this id on, $2 limit
select id from workflow_events
where id >= $1 and payload is not null
order by id limit $2
