-- Of a conversation c, its session s, its newest run r and its newest message m.
  c.session_id as id, s.name, s.platform, c.last_at as last_activity_at, c.runs,
  (select count(*) from messages n where n.session_id = c.session_id) as messages,
  r.run_id, r.status as state, c.cost_estimate, c.unread, m.role, substr(m.text_content, 1, 400) as text
