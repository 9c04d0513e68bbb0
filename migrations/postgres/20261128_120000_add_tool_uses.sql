-- Runwake's schema for PostgreSQL: which tools an agent used in a run, asked for, or was not let use.

create table workflow_tool_uses (
  id uuid primary key,
  workflow_run_id uuid not null,
  used_at timestamptz not null,
  tool text collate "C" not null,
  outcome text collate "C" not null,  -- used, asked, denied
  tool_use_id text collate "C",  -- the agent's own; null: it gave none
  agent_id text collate "C",  -- of a subagent
  paths jsonb not null,
  event_id uuid not null
);
create index workflow_tool_uses_by_run on workflow_tool_uses (workflow_run_id, used_at, id);
