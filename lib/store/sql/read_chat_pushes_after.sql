-- The pushes of a session. Earliest first. $1 session, $2 and $3 time and id that they are after, $4 limit
select
-- include chat_pushes
from workflow_runs r join workflow_pushes p on p.workflow_run_id = r.id
where r.session_id = $1 and p.intended_at is not null
  and p.intended_at >= $2 and (p.intended_at, p.id) > ($2, $3)
order by p.intended_at asc, p.id asc
limit $4
