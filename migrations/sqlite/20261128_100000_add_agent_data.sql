-- Runwake's schema for SQLite: what agents tell of their runs (tokens, cost, what was said), and beside the columns of
-- workflow_runs that are decided from several sources what its start, its end and imports told.

alter table workflow_runs add column start_task text not null default '';
alter table workflow_runs add column start_model text;
alter table workflow_runs add column start_agent_session_id text;
alter table workflow_runs add column start_num_turns integer;
alter table workflow_runs add column end_result text;
alter table workflow_runs add column end_error text;
update workflow_runs set start_task = task_input, start_model = ai_model,
  start_agent_session_id = agent_session_id, start_num_turns = num_turns, end_result = result, end_error = error_message;

-- The latest report of each source.
create table workflow_run_reports (
  workflow_run_id text not null,
  source text not null,
  source_rank integer not null,  -- the lower, the more it is believed
  event_id text not null,
  at text not null,
  ai_model text,
  agent_session_id text,
  num_turns integer,
  input_tokens integer,
  output_tokens integer,
  cache_read_tokens integer,
  cache_write_tokens integer,
  cost_estimate integer,
  result text,
  error_message text,
  primary key (workflow_run_id, source)
) without rowid;

-- Each answer of a model, as each run tells of it; it counts for the run that began first.
create table workflow_usage (
  response_id text not null,
  workflow_run_id text not null,
  at text not null,
  ai_model text not null,
  input_tokens integer not null,
  output_tokens integer not null,
  cache_read_tokens integer not null,
  cache_write_tokens integer not null,
  cost_estimate integer,  -- null: no price is known
  primary key (response_id, workflow_run_id)
) without rowid;
create index workflow_usage_by_run on workflow_usage (workflow_run_id);

-- What was said in runs; the messages of their sessions are made of it.
create table workflow_said (
  id text primary key,
  workflow_run_id text not null,
  role text not null,
  kind text not null,
  context text not null,
  text text not null,
  at text not null
) without rowid;
create index workflow_said_by_run on workflow_said (workflow_run_id, at, id);
