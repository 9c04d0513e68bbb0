-- $1 event
delete from workflow_unfed where event_id = $1 and refused is null
