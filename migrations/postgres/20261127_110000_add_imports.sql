-- What other systems' tables told of runs when they were taken over. Kept beside the row, since a later import or a real
-- start changes which of them says what.

create table workflow_imports (
  event_id uuid primary key,
  workflow_run_id uuid not null,
  source text collate "C" not null,
  data jsonb not null
);
create index workflow_imports_by_run on workflow_imports (workflow_run_id);

alter table workflow_runs add column imported boolean not null default false;
