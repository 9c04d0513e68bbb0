-- A batch, each parameter an array of one column: $1 id, $2 type, $3 version, $4 at, $5 host, $6 workflow_run_id, $7 payload,
-- $8 recorded_at. Gives the ids that are new.
insert into workflow_events (id, type, version, at, host, workflow_run_id, payload, recorded_at, folded_at)
select e.id, e.type, e.version, e.at, e.host, e.workflow_run_id, e.payload, e.recorded_at, e.recorded_at
from unnest(cast($1 as uuid[]), cast($2 as text[]), cast($3 as integer[]), cast($4 as timestamptz[]), cast($5 as text[]),
  cast($6 as uuid[]), cast($7 as jsonb[]), cast($8 as timestamptz[]))
  as e (id, type, version, at, host, workflow_run_id, payload, recorded_at)
on conflict (id) do nothing
returning id
