-- Movements to a commit, not before a second. $1 repository, $2 new_hash, $3 start of the second
select id from workflow_movements where repository_id = $1 and new_hash = $2 and moved_at >= $3
