-- Events that can be replayed.
select count(*) from workflow_events where payload is not null
