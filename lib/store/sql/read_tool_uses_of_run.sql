-- The tools that a run used, asked for or was not let use, in order. $1 run
select used_at, tool, outcome, tool_use_id, agent_id, paths
from workflow_tool_uses
where workflow_run_id = $1
order by used_at, id
