-- Where a piece of the ledger ends. $1 after this id, $2 so many events further
select id from workflow_events where id > $1 order by id limit 1 offset $2
