-- Runwake's schema for SQLite: which tools an agent used in a run, asked for, or was not let use.

create table workflow_tool_uses (
  id text primary key,
  workflow_run_id text not null,
  used_at text not null,
  tool text not null,
  outcome text not null,  -- used, asked, denied
  tool_use_id text,  -- the agent's own; null: it gave none
  agent_id text,  -- of a subagent
  paths text not null,
  event_id text not null
) without rowid;
create index workflow_tool_uses_by_run on workflow_tool_uses (workflow_run_id, used_at, id);
