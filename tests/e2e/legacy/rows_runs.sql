-- Rows that are as they should be, and rows that are odd or hostile.
insert into users (id, email) values ('aaaaaaaa-0000-4000-8000-000000000001', 'ann@example.org');
insert into sessions (id, user_id, name, platform, created_at, updated_at)
  values ('bbbbbbbb-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000001', 'sprint', 'claude-code',
    '2025-06-20 09:00:00+00', '2025-06-20 11:00:00+00');
insert into messages (session_id, role, text_content, message_type)
  values ('bbbbbbbb-0000-4000-8000-000000000001', 'user', 'Build it', 'text');

insert into workflow_runs (id, run_id, workflow_name, agent_type, ai_model, task_input, session_id, session_name, git_repo,
  git_branch, initial_commit_hash, final_commit_hash, git_diff_added_lines, git_diff_removed_lines, git_diff_files_changed,
  git_diff_stats, status, result, created_at, completed_at, duration_seconds, workspace_id, workspace_path, cost_estimate,
  input_tokens, output_tokens, total_tokens, user_id, metadata, updated_at)
values (cast('cccccccc-0000-4000-8000-000000000001' as :idtype), 'r-plain', 'builder', 'claude-code', 'claude-sonnet-4', 'Build it',
  'BBBBBBBB-0000-4000-8000-000000000001', 'sprint', 'https://example.org/p.git', 'main-builder', repeat('a', 40), repeat('B', 40), 12, 3, 2,
  '{"files": [{"path": "a.c", "added": 12}]}', 'completed', 'Built', '2025-06-20 10:00:00+00', '2025-06-20 10:05:00+00', 290, 'w1',
  '/srv/worktrees/main-builder', 1.25, 1000, 200, 1500, 'aaaaaaaa-0000-4000-8000-000000000001',
  '{"request": {"max_turns": 30}, "ratio": 0.1, "none": null}', '2025-06-20 10:05:01+00');
insert into workflow_runs (run_id, id, workflow_name, task_input, status, created_at, session_id, user_id, completed_at, updated_at)
select v.run_id, cast(md5(v.run_id) as uuid), v.name, v.task, v.status, v.created, v.session, v.who, v.completed, v.created from (values
  ('0e2c2d1e-5c77-4d3a-9a8e-1f3f6c1c2d3e', 'surgeon', 'An agent''s own session id', 'completed', timestamptz '2025-06-21 10:00:00+00',
    'dddddddd-0000-4000-8000-000000000009', 'claude-code-x@automagik-agents.ai', timestamptz '2025-06-21 10:01:00+00'),
  ('', 'empty', 'No run id', 'failed', '2025-06-21 11:00:00+00', null, '', '2025-06-21 11:01:00+00'),
  ('a run/with spaces', repeat('w', 200), 'A long name', 'killed', '2025-06-21 12:00:00+00', 'no uuid at all', null, '2025-06-21 12:01:00+00'),
  (E'r-\u001b[31mred', 'héé' || repeat('é', 120), E'\u001b]0;title\u0007', 'failed', '2025-06-21 13:00:00+00', '', 'x', '2025-06-21 13:01:00+00'),
  ('r-still-running', 'brain', 'Stuck', 'running', '2025-06-22 10:00:00+00', null, null, null),
  ('r-pending', 'lina', 'Never begun', 'pending', '2025-06-22 11:00:00+00', null, null, '2025-06-22 11:30:00+00'),
  ('r-no-end', 'shipper', 'Over, nobody knows when', 'completed', '2025-06-22 12:00:00+00', null, null, null),
  ('r-both-1', 'guardian', 'In both tables', 'running', '2025-06-22 13:00:00+00', null, null, null),
  ('r-both-2', 'guardian', 'In both, over here', 'completed', '2025-06-22 14:00:00+00', null, null, '2025-06-22 14:30:00+00'),
  ('r-infinity', 'guardian', 'For ever', 'completed', '2025-06-22 15:00:00+00', null, null, 'infinity'),
  ('01983d3a-7c00-7abc-8def-0123456789ab', 'guardian', 'A version 7', 'completed', '2025-07-24 15:00:00+00', null, null,
    '2025-07-24 16:00:00+00')
) as v (run_id, name, task, status, created, session, who, completed);
update workflow_runs set final_commit_hash = 'abc1234', initial_commit_hash = '', metadata = '["a", "list"]' where run_id = 'r-no-end';
update workflow_runs set git_repo = 'https://example.org/' || repeat('x', 40000), workspace_path = '/tmp/ws' where run_id = 'r-pending';
update workflow_runs set created_at = null, updated_at = null where run_id = 'r-both-2';
