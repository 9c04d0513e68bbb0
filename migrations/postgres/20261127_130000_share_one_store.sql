-- Several machines on one database. What is still to be done is found by repository: each machine does what is to be done
-- in those that it has.
drop index workflow_movements_unexamined;
create index workflow_movements_unexamined on workflow_movements (repository_id, id) where not examined;
drop index workflow_runs_to_diff;
create index workflow_runs_to_diff on workflow_runs (repository_id, id) where diff_stale;
create index workflow_edit_hints_of_repository on workflow_edit_hints (repository_id) where not done;

-- Events that a machine inserted which may do no more: they wait here until somebody who may folds them. One that cannot be
-- folded is set aside, with the reason.
alter table workflow_events add column set_aside text collate "C";
create index workflow_events_unfolded on workflow_events (id) where folded_at is null and set_aside is null;
create index workflow_events_set_aside on workflow_events (id) where set_aside is not null;

-- The team's database that this store is fed to (one row, or none), and which of its events are not known to be there.
-- An event that the database refuses keeps its place, with the reason.
create table workflow_feeds (
  url text collate "C" primary key,
  since timestamptz not null,
  failures bigint not null default 0,  -- one after another
  next_at timestamptz,  -- not to be tried before
  problem text collate "C"
);
create table workflow_unfed (
  event_id uuid primary key,
  refused text collate "C"
);
