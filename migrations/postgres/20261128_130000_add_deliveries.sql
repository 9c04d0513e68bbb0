-- Runwake's schema for PostgreSQL: which of what people said in runs an agent has seen, and when.

-- Each delivery; of a message that was delivered several times the earliest stands.
create table workflow_deliveries (
  message_id uuid not null,
  workflow_run_id uuid not null,  -- the run that got it
  at timestamptz not null,
  as_prompt integer not null,  -- 1: with others, as the prompt that the run began with; 0: alone, while it ran
  primary key (message_id, workflow_run_id)
);
create index workflow_deliveries_by_run on workflow_deliveries (workflow_run_id);

alter table workflow_said add column delivered_run_id uuid;
alter table workflow_said add column delivered_at timestamptz;
-- 1: the agent's own record of a message that was delivered to it, which is a row of its own.
alter table workflow_said add column is_echo integer not null default 0;
create index workflow_said_undelivered on workflow_said (workflow_run_id) where kind = 'say' and delivered_at is null;
