-- Edges that a movement told before it was decided again. $1 repository, $2 new_hash, $3 movement
delete from workflow_rewrites
where repository_id = $1 and new_hash = $2 and event_id = $3 and evidence in ('movement', 'patch-id')
