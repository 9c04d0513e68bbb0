-- $1 event, $2 why
update workflow_unfed set refused = $2 where event_id = $1
