-- These are folded now; which run an event is about is what it says, whatever was inserted beside it. Arrays: $1 id,
-- $2 workflow_run_id, $3 folded_at
update workflow_events e set folded_at = f.folded_at, workflow_run_id = f.workflow_run_id
from unnest(cast($1 as uuid[]), cast($2 as uuid[]), cast($3 as timestamptz[])) as f (id, workflow_run_id, folded_at)
where e.id = f.id
returning e.id
