-- The pushes of a session: each run is asked in turn, as for commits. Earliest first.
-- $1 session, $2 and $3 time and id that they are after, $4 limit,
-- $5 the time that none is after which the page can hold
select
-- include chat_pushes
from workflow_runs r cross join workflow_pushes p join workflow_runs o on o.id = p.workflow_run_id
where p.workflow_run_id = r.id and r.session_id = $1 and p.intended_at <= $5
  and p.intended_at >= $2 and (p.intended_at, p.id) > ($2, $3)
order by p.intended_at asc, p.id asc
limit $4
