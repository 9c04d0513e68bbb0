-- Messages of a session. Earliest first. $1 session, $2 and $3 time and id that they are after, $4 limit,
-- $5 so many characters of each
select
-- include chat_messages
from messages m left join workflow_said s on s.id = m.id left join workflow_runs r on r.id = s.workflow_run_id
where m.session_id = $1
  and m.created_at >= $2 and (m.created_at, m.id) > ($2, $3)
order by m.created_at asc, m.id asc
limit $4
