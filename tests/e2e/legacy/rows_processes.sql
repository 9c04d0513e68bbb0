insert into workflow_processes (run_id, pid, status, workflow_name, session_id, user_id, started_at, last_heartbeat, process_info,
  created_at, updated_at)
select v.run_id, 4242, v.status, v.name, null, null, v.at, v.at, '{"cmd": "claude"}', v.at, v.at from (values
  ('p-fresh', 'running', 'builder', now() - interval '1 hour'),
  ('p-stale', 'running', 'builder', timestamptz '2025-06-16 10:00:00+00'),
  ('p-done', 'completed', null, timestamptz '2025-06-16 11:00:00+00'),
  ('p-failed', 'failed', 'builder', timestamptz '2025-06-16 12:00:00+00'),
  ('p-killed', 'killed', 'builder', timestamptz '2025-06-16 13:00:00+00'),
  ('p-timeout', 'timeout', repeat('n', 150), timestamptz '2025-06-16 14:00:00+00'),
  ('r-both-1', 'failed', 'other', timestamptz '2025-06-22 13:30:00+00'),
  ('r-both-2', 'running', 'other', timestamptz '2025-06-22 14:00:00+00')
) as v (run_id, status, name, at);
