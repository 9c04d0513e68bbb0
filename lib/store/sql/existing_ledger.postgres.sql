-- Kept events into the ledger, as fold_event would. $1 host, $2 now, $3 after which place, $4 up to which
insert into workflow_events (id, type, version, at, host, workflow_run_id, payload, recorded_at, folded_at)
select event_id, 'run-imported', 1, at, $1, id, cast(payload as jsonb), $2, $2
from runwake_import where place > $3 and place <= $4
on conflict (id) do nothing
