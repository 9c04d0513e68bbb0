-- $1 run, $2 session or null, $3 user or null
update workflow_runs set session_id = $2, user_id = $3 where id = $1
