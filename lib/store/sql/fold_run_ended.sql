-- $1 id, $2 status, $3 result, $4 error, $5 at, $6 head, $7 exit_code, $8 exit_signal, $9 rank, $10 event
update workflow_runs set status = $2, end_result = $3, end_error = $4, completed_at = $5, end_commit_hash = $6,
  exit_code = $7, exit_signal = $8, end_rank = $9, end_event_id = $10, holds_claim = false
where id = $1
