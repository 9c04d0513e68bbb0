-- The ends of the runs of a session. Earliest first. $1 session, $2 and $3 time and id that they are after, $4 limit
select
-- include chat_ended
from workflow_runs r
where r.session_id = $1 and r.completed_at is not null
  and r.completed_at >= $2 and (r.completed_at, r.id) > ($2, $3)
order by r.completed_at asc, r.id asc
limit $4
