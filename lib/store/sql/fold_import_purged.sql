-- $1 event, $2 data
update workflow_imports set data = $2 where event_id = $1
