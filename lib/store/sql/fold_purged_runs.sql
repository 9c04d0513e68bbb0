-- Every purged run. $1 after this id, $2 limit
select id, purged_at from workflow_runs where purged_at is not null and id > $1 order by id limit $2
