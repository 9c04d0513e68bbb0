-- A batch, each parameter an array of one column: $1 event, $2 source, $3 run id as it was, $4 run id, $5 run, $6 at, $7 payload
insert into runwake_import (event_id, source, old_run_id, run_id, id, at, payload)
select * from unnest(cast($1 as uuid[]), cast($2 as text[]), cast($3 as text[]), cast($4 as text[]), cast($5 as uuid[]),
  cast($6 as timestamptz[]), cast($7 as text[]))
