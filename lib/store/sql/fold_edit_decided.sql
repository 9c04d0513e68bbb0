-- $1 id, $2 run, $3 evidence
update workflow_edits set workflow_run_id = $2, run_evidence = $3 where id = $1
