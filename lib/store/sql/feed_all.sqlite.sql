-- Everything that the ledger holds. Hints are for the machine that has the files, and stay there.
insert into workflow_unfed (event_id)
select id from workflow_events where type <> 'edited' and payload is not null on conflict do nothing
