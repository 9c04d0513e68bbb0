-- Movements that a line of a branch's log may tell, too. $1 repository, $2 old_hash, $3 new_hash, $4 the line's time
select id from workflow_movements where repository_id = $1 and new_hash = $3 and old_hash = $2 and line_time = $4
