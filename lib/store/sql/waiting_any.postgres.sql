-- Does an event wait to be folded?
select 1 from workflow_events where folded_at is null and set_aside is null limit 1
