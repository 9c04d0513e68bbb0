-- Every row, in the order of its key. $1 from this key on, $2 limit
select id, workflow_run_id, used_at, tool, outcome, tool_use_id, agent_id, paths, event_id
from workflow_tool_uses
where id >= $1
order by id limit $2
