-- Runwake's schema for PostgreSQL: the states of uncommitted edits, what is still to be looked at, what a run has left
-- uncommitted. Nothing has been written into workflow_edits before: it is made anew, with the columns it needs.

drop table workflow_edits;

-- One row per state of a worktree's uncommitted edits. files and gone add to the state base_id; without one, files
-- is everything. The last two columns are decided.
create table workflow_edits (
  id uuid primary key,
  repository_id uuid not null,
  worktree_id uuid not null,
  root text collate "C" not null,
  since timestamptz not null,  -- what led to it happened between these two
  at timestamptz not null,
  reason text collate "C" not null,
  head_hash varchar(64) collate "C",  -- null: unborn
  branch text collate "C",  -- null: detached
  base_id uuid,
  files jsonb not null,
  gone jsonb not null,
  discarded jsonb not null,
  added_lines bigint not null check (added_lines >= 0),  -- over the whole state
  removed_lines bigint not null check (removed_lines >= 0),
  files_changed bigint not null check (files_changed >= 0),
  untracked_files bigint not null check (untracked_files >= 0),
  engine text collate "C" not null,
  kept_old varchar(64) collate "C",  -- trees in the repository of kept contents
  kept_new varchar(64) collate "C",
  kept_bytes bigint not null check (kept_bytes >= 0),
  marker_run_id uuid,  -- whom the marker named
  workflow_run_id uuid,
  run_evidence text collate "C"
);
create index workflow_edits_by_run on workflow_edits (workflow_run_id, at, id, kept_bytes)
  where workflow_run_id is not null;
create index workflow_edits_by_run_worktree on workflow_edits (workflow_run_id, worktree_id, at desc, id desc)
  where workflow_run_id is not null;
create index workflow_edits_by_marker on workflow_edits (marker_run_id) where marker_run_id is not null;
create index workflow_edits_by_worktree on workflow_edits (worktree_id, at);
create index workflow_edits_of_nobody on workflow_edits (worktree_id, workflow_run_id, kept_bytes)
  where workflow_run_id is null;

-- Worktrees that may have changed: what the recorder still has to look at. One that was looked at keeps its id alone,
-- so that it is not looked at again if it is told again.
create table workflow_edit_hints (
  event_id uuid primary key,
  done boolean not null default false,
  worktree_id uuid,
  repository_id uuid,
  git_dir text collate "C",
  common_dir text collate "C",
  root text collate "C",
  since timestamptz,
  at timestamptz,
  whole boolean,
  paths jsonb,
  reason text collate "C",
  run_id varchar(255) collate "C"
);
create index workflow_edit_hints_to_do on workflow_edit_hints (worktree_id, at) where not done;

-- What the run has left uncommitted: the sums over its latest state in each worktree that it worked in.
alter table workflow_runs add column uncommitted_added_lines bigint not null default 0;
alter table workflow_runs add column uncommitted_removed_lines bigint not null default 0;
alter table workflow_runs add column uncommitted_files_changed bigint not null default 0;
alter table workflow_runs add column uncommitted_untracked_files bigint not null default 0;
alter table workflow_runs add column uncommitted_at timestamptz;
