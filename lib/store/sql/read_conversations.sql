-- Conversations, the last active first; the surrounding system may have deleted a session. $1 and $2 time and id of the one before the first, $3 since, $4 limit
select
-- include conversation_columns
from (
  select session_id, last_at, runs, latest_run_id, cost_estimate, unread from workflow_conversations
  where last_at <= $1 and (last_at, session_id) < ($1, $2) and last_at >= $3
    and exists (select 1 from sessions t where t.id = session_id)
  order by last_at desc, session_id desc limit $4) c
join sessions s on s.id = c.session_id
left join workflow_runs r on r.id = c.latest_run_id
left join messages m on m.id = (
  select n.id from messages n where n.session_id = c.session_id and n.created_at is not null
  order by n.created_at desc, n.id desc limit 1)
order by c.last_at desc, c.session_id desc
