-- $1 repository, $2 old_hash, $3 new_hash
select id from workflow_movements where repository_id = $1 and new_hash = $3 and old_hash = $2
