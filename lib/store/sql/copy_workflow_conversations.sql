-- Every row, in the order of its key. $1 from this key on, $2 limit
select session_id, last_at, runs, latest_run_id, cost_estimate, unread
from workflow_conversations
where session_id >= $1
order by session_id limit $2
