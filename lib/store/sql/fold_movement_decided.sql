-- $1 id, $2 examined, $3 branch, $4 verdict, $5 reason, $6 commit_kind, $7 run, $8 evidence
update workflow_movements set examined = $2, branch = $3, verdict = $4, reason = $5, commit_kind = $6,
  workflow_run_id = $7, run_evidence = $8
where id = $1
