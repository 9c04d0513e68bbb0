-- Every row, in the order of its key; but not of a session that the surrounding system deleted. $1 from this key on, $2 limit
select session_id, last_at, runs, latest_run_id, cost_estimate, unread
from workflow_conversations t
where session_id >= $1 and exists (select 1 from workflow_runs r where r.session_id = t.session_id)
order by session_id limit $2
