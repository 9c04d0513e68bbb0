-- $1 id, $2 type, $3 version, $4 at, $5 host, $6 workflow_run_id, $7 payload, $8 recorded_at
insert into workflow_events (id, type, version, at, host, workflow_run_id, payload, recorded_at, folded_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $8)
on conflict (id) do nothing
