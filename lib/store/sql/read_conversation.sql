-- One session, whether runs belong to it or not. $1 session
select s.id, s.name, s.platform, coalesce(c.last_at, s.updated_at) as last_activity_at, coalesce(c.runs, 0) as runs,
  (select count(*) from messages n where n.session_id = s.id) as messages, r.run_id, r.status as state,
  coalesce(c.cost_estimate, 0) as cost_estimate, coalesce(c.unread, 0) as unread
from sessions s
left join workflow_conversations c on c.session_id = s.id
left join workflow_runs r on r.id = c.latest_run_id
where s.id = $1
