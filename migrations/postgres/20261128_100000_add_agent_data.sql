-- Runwake's schema for PostgreSQL: what agents tell of their runs (tokens, cost, what was said), and beside the columns of
-- workflow_runs that are decided from several sources what its start, its end and imports told.

alter table workflow_runs add column start_task text collate "C" not null default '';
alter table workflow_runs add column start_model text collate "C";
alter table workflow_runs add column start_agent_session_id text collate "C";
alter table workflow_runs add column start_num_turns integer;
alter table workflow_runs add column end_result text collate "C";
alter table workflow_runs add column end_error text collate "C";
update workflow_runs set start_task = task_input, start_model = ai_model,
  start_agent_session_id = agent_session_id, start_num_turns = num_turns, end_result = result, end_error = error_message;

-- The latest report of each source.
create table workflow_run_reports (
  workflow_run_id uuid not null,
  source text collate "C" not null,
  source_rank integer not null,  -- the lower, the more it is believed
  event_id uuid not null,
  at timestamptz not null,
  ai_model text collate "C",
  agent_session_id text collate "C",
  num_turns bigint,
  input_tokens bigint,
  output_tokens bigint,
  cache_read_tokens bigint,
  cache_write_tokens bigint,
  cost_estimate numeric(12,6),
  result text collate "C",
  error_message text collate "C",
  primary key (workflow_run_id, source)
);

-- Each answer of a model, as each run tells of it; it counts for the run that began first.
create table workflow_usage (
  response_id uuid not null,
  workflow_run_id uuid not null,
  at timestamptz not null,
  ai_model text collate "C" not null,
  input_tokens bigint not null,
  output_tokens bigint not null,
  cache_read_tokens bigint not null,
  cache_write_tokens bigint not null,
  cost_estimate numeric(12,6),  -- null: no price is known
  primary key (response_id, workflow_run_id)
);
create index workflow_usage_by_run on workflow_usage (workflow_run_id);

-- What was said in runs; the messages of their sessions are made of it.
create table workflow_said (
  id uuid primary key,
  workflow_run_id uuid not null,
  role text collate "C" not null,
  kind text collate "C" not null,
  context jsonb not null,
  text text collate "C" not null,
  at timestamptz not null
);
create index workflow_said_by_run on workflow_said (workflow_run_id, at, id);
