-- $1 run, $2 at
update workflow_runs set last_heartbeat_at = $2
where id = $1 and (last_heartbeat_at is null or last_heartbeat_at < $2)
