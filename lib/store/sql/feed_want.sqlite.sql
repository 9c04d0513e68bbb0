-- $1 event
insert into workflow_unfed (event_id) values ($1) on conflict do nothing
