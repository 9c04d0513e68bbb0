-- A movement that led to a commit in an earlier second. $1 repository, $2 new_hash, $3 not this one, $4 start of its second
select 1 from workflow_movements
where repository_id = $1 and new_hash = $2 and id <> $3 and old_hash <> new_hash and moved_at < $4 limit 1
