-- A row as copy_workflow_tool_uses gives it, its columns in the same order; one that is there stands.
insert into workflow_tool_uses (id, workflow_run_id, used_at, tool, outcome, tool_use_id, agent_id, paths, event_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict do nothing
