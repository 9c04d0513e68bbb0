-- Payloads that are too old, of a piece of the ledger; never one that somebody still has to read, or that a team's database is
-- still to be told. $1 after this id, $2 up to this one, $3 older than
update workflow_events set payload = null
where id > $1 and id <= $2 and at < $3 and payload is not null and folded_at is not null and type <> 'purged'
  and not exists (select 1 from workflow_movements m where m.id = workflow_events.id and not m.examined)
  and not exists (select 1 from workflow_edit_hints h where h.event_id = workflow_events.id and not h.done)
  and not exists (select 1 from workflow_unfed u where u.event_id = workflow_events.id and u.refused is null)
