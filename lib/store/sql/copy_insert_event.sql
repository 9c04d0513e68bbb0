-- An event as it is, for the ledger alone: what it did is in the tables already, or it was set aside and did nothing. $1 id,
-- $2 type, $3 version, $4 at, $5 host, $6 workflow_run_id, $7 payload, $8 recorded_at, $9 folded_at, $10 set_aside
insert into workflow_events (id, type, version, at, host, workflow_run_id, payload, recorded_at, folded_at, set_aside)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (id) do nothing
