-- A use that is told twice is the one told of first. $1 key, $2 run, $3 at, $4 tool, $5 outcome, $6 the agent's id of it,
-- $7 subagent, $8 paths, $9 event
insert into workflow_tool_uses (id, workflow_run_id, used_at, tool, outcome, tool_use_id, agent_id, paths, event_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (id) do update set workflow_run_id = excluded.workflow_run_id, used_at = excluded.used_at, tool = excluded.tool,
  outcome = excluded.outcome, tool_use_id = excluded.tool_use_id, agent_id = excluded.agent_id, paths = excluded.paths,
  event_id = excluded.event_id
where (workflow_tool_uses.used_at, workflow_tool_uses.event_id) > (excluded.used_at, excluded.event_id)
