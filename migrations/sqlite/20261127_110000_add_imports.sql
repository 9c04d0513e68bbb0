-- What other systems' tables told of runs when they were taken over. Kept beside the row, since a later import or a real
-- start changes which of them says what.

create table workflow_imports (
  event_id text primary key,
  workflow_run_id text not null,
  source text not null,
  data text not null
) without rowid;
create index workflow_imports_by_run on workflow_imports (workflow_run_id);

alter table workflow_runs add column imported integer not null default 0 check (imported in (0, 1));
