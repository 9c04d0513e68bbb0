-- $1 id, $2 movement, $3 kind, $4 run, $5 marker_dir, $6 exact, $7 at
insert into workflow_evidence (id, movement_id, kind, workflow_run_id, marker_dir, exact, at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (id) do nothing
