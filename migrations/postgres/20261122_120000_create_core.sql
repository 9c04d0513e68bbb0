-- The core tables, for PostgreSQL. Every table but the ledger is a projection of the ledger. Text is compared byte by byte
-- (collate "C"), as SQLite does, whatever the database's own order is. sessions, messages and users belong to the
-- surrounding system: where they are there already, they are left as they are.
-- A name of git's, a path or a URL may be longer than an index takes (2.7 kB), and must not keep a run from being written: an
-- index holds its beginning.

create table if not exists users (
  id uuid primary key,
  email text collate "C" unique,
  phone_number text collate "C",
  user_data jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table if not exists sessions (
  id uuid primary key,
  user_id uuid references users (id) on delete set null,
  agent_name text collate "C",
  name text collate "C",
  platform text collate "C",
  metadata jsonb not null default '{}',
  created_at timestamptz not null,
  updated_at timestamptz not null,
  run_finished_at timestamptz,
  message_count integer not null default 0
);
create index if not exists sessions_by_name on sessions (name, updated_at desc) where name is not null;

create table if not exists messages (
  id uuid primary key,
  session_id uuid references sessions (id) on delete cascade,
  user_id uuid references users (id) on delete set null,
  role text collate "C" not null,
  text_content text collate "C",
  message_type text collate "C",
  raw_payload jsonb not null default '{}',
  context jsonb not null default '{}',
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index if not exists messages_by_session on messages (session_id, created_at);

-- The ledger: every event, once.
create table workflow_events (
  id uuid primary key,
  type varchar(50) collate "C" not null,
  version integer not null,
  at timestamptz not null,
  host text collate "C" not null,
  workflow_run_id uuid,
  payload jsonb,
  recorded_at timestamptz not null,
  folded_at timestamptz
);
create index workflow_events_by_run on workflow_events (workflow_run_id, id) where workflow_run_id is not null;

create table workflow_repositories (
  id uuid primary key,
  common_dir text collate "C" not null,
  origin text collate "C",
  object_format text collate "C" not null default 'sha1',
  seen_event_id uuid not null,
  first_seen_at timestamptz not null,
  seen_at timestamptz not null
);

-- Repositories with news whose other logs nobody has read since: what a hook leaves to the recorder.
create table workflow_unobserved (
  repository_id uuid primary key
);

create table workflow_worktrees (
  id uuid primary key,
  repository_id uuid not null,
  git_dir text collate "C" not null,
  root text collate "C",
  seen_event_id uuid not null,
  first_seen_at timestamptz not null,
  seen_at timestamptz not null
);
create index workflow_worktrees_by_repository on workflow_worktrees (repository_id);

create table workflow_workspaces (
  id varchar(255) collate "C" primary key,
  path text collate "C" not null,
  repository_id uuid,
  worktree_id uuid,
  persistent boolean not null default true,
  seen_event_id uuid not null,
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  cleaned_up_at timestamptz,
  cleaned_up_by varchar(255) collate "C"
);
create index workflow_workspaces_by_worktree on workflow_workspaces (worktree_id);

create table workflow_runs (
  id uuid primary key default gen_random_uuid(),
  run_id varchar(255) collate "C" not null unique check (run_id <> ''),
  workflow_name varchar(100) collate "C" not null,
  agent_type varchar(100) collate "C",
  ai_model varchar(100) collate "C",
  task_input text collate "C" not null,
  session_id uuid references sessions (id),
  session_name varchar(255) collate "C",
  git_repo text collate "C",
  git_branch text collate "C",
  initial_commit_hash varchar(64) collate "C",
  final_commit_hash varchar(64) collate "C",
  git_diff_added_lines bigint not null default 0,
  git_diff_removed_lines bigint not null default 0,
  git_diff_files_changed bigint not null default 0,
  own_added_lines bigint not null default 0,
  own_removed_lines bigint not null default 0,
  own_files_changed bigint not null default 0,
  git_diff_stats jsonb not null default '{}',
  status varchar(50) collate "C" not null default 'pending' check (status in ('pending', 'running', 'completed', 'failed', 'killed')),
  result text collate "C",
  error_message text collate "C",
  created_at timestamptz not null default now(),
  started_at timestamptz,
  completed_at timestamptz,
  duration_seconds integer check (duration_seconds is null or duration_seconds >= 0),
  updated_at timestamptz not null default now(),
  last_heartbeat_at timestamptz,
  workspace_id varchar(255) collate "C",
  workspace_persistent boolean not null default true,
  workspace_cleaned_up boolean not null default false,
  workspace_path text collate "C",
  cost_estimate numeric(12,6) check (cost_estimate is null or cost_estimate >= 0),
  input_tokens bigint not null default 0 check (input_tokens >= 0),
  output_tokens bigint not null default 0 check (output_tokens >= 0),
  total_tokens bigint not null default 0 check (total_tokens >= 0),
  cache_read_tokens bigint not null default 0 check (cache_read_tokens >= 0),
  cache_write_tokens bigint not null default 0 check (cache_write_tokens >= 0),
  user_id uuid references users (id),
  metadata jsonb not null default '{}',
  agent_session_id text collate "C",
  num_turns integer,
  exit_code bigint,
  exit_signal bigint,
  host text collate "C",
  agent_pid bigint,
  agent_pid_start bigint,
  agent_boot_id text collate "C",
  parent_run_id varchar(255) collate "C",
  repository_id uuid,
  worktree_id uuid,
  holds_claim boolean not null default false,
  wants_claim boolean not null default false,
  start_event_id uuid,  -- null: a placeholder, made for a run id that nobody announced
  end_event_id uuid,
  end_commit_hash varchar(64) collate "C",  -- as the end told; final_commit_hash is decided from it and the movements
  end_rank integer not null default 0,  -- 0 not ended, 1 presumed, 2 reported
  diff_from varchar(64) collate "C",  -- what git_diff_* were taken between; null: not taken
  diff_to varchar(64) collate "C",
  diff_event_id uuid,
  diff_at timestamptz,
  diff_wanted varchar(64) collate "C",  -- what they should be taken to; null: nothing moved yet
  diff_stale boolean not null default false
) with (fillfactor = 70);
create index workflow_runs_by_created on workflow_runs (created_at desc);
create index workflow_runs_by_session on workflow_runs (session_id, created_at desc);
create index workflow_runs_by_session_name on workflow_runs (session_name, created_at desc) where session_name is not null;
create index workflow_runs_by_branch on workflow_runs (left(git_branch, 500), created_at desc);
create index workflow_runs_by_workflow on workflow_runs (workflow_name, created_at desc);
create index workflow_runs_active on workflow_runs (status, created_at desc) where status in ('pending', 'running');
create index workflow_runs_failed on workflow_runs (status, created_at desc) where status in ('failed', 'killed');
create index workflow_runs_completed on workflow_runs (created_at desc) where status = 'completed';
create index workflow_runs_by_user on workflow_runs (user_id, created_at desc) where user_id is not null;
create index workflow_runs_by_workspace on workflow_runs (workspace_id, created_at desc);
create index workflow_runs_by_worktree on workflow_runs (worktree_id, started_at) where worktree_id is not null;
create index workflow_runs_by_metadata on workflow_runs using gin (metadata jsonb_path_ops);
create index workflow_runs_to_diff on workflow_runs (id) where diff_stale;
create unique index workflow_runs_one_claim on workflow_runs (workspace_id)
  where holds_claim and status in ('pending', 'running');

-- One row per movement of HEAD in a worktree. The first block is what was seen, the second is decided
-- from it, from what the objects say (workflow_examinations) and from the evidence.
create table workflow_movements (
  id uuid primary key,
  repository_id uuid not null,
  worktree_id uuid not null,
  root text collate "C",
  git_dir text collate "C" not null,
  common_dir text collate "C" not null,
  old_hash varchar(64) collate "C" not null,
  new_hash varchar(64) collate "C" not null,
  kind text collate "C" not null,
  line_name text collate "C" not null,
  line_email text collate "C" not null,
  line_time bigint not null,
  line_zone text collate "C" not null,
  position bigint not null default 0,
  implied boolean not null default false,
  head_branch text collate "C",
  target text collate "C",
  earliest_at timestamptz not null,  -- it happened between these two
  latest_at timestamptz not null,
  observed_at timestamptz not null,

  examined boolean not null default false,
  moved_at timestamptz not null,
  branch text collate "C",
  verdict text collate "C" not null default 'brought' check (verdict in ('made', 'brought')),
  reason text collate "C" not null default 'none',
  commit_kind text collate "C",
  workflow_run_id uuid references workflow_runs (id),
  run_evidence text collate "C"
);
create index workflow_movements_by_commit on workflow_movements (repository_id, new_hash);
create index workflow_movements_by_run on workflow_movements (workflow_run_id, moved_at) where workflow_run_id is not null;
create index workflow_movements_by_worktree on workflow_movements (worktree_id, latest_at);
create index workflow_movements_unexamined on workflow_movements (id) where not examined;
create index workflow_movements_by_hash on workflow_movements (new_hash);

-- What the objects say of a movement's new commit.
create table workflow_examinations (
  movement_id uuid primary key,
  missing boolean not null,
  committer_is_line boolean not null,
  same_committer boolean not null,
  lag bigint not null,
  graph text collate "C" not null,
  known_remote boolean not null,
  known_earlier boolean not null
);

create table workflow_evidence (
  id uuid primary key,
  movement_id uuid not null,
  kind text collate "C" not null check (kind in ('env', 'marker', 'workspace', 'link', 'unlink')),
  workflow_run_id uuid not null,
  marker_dir text collate "C",
  exact boolean not null,
  at timestamptz not null
);
create index workflow_evidence_by_movement on workflow_evidence (movement_id);
create index workflow_evidence_by_run on workflow_evidence (workflow_run_id);

create table workflow_ref_movements (
  id uuid primary key,
  repository_id uuid not null,
  ref text collate "C" not null,
  old_hash varchar(64) collate "C" not null,
  new_hash varchar(64) collate "C" not null,
  kind text collate "C" not null,
  line_name text collate "C" not null,
  line_email text collate "C" not null,
  line_time bigint not null,
  line_zone text collate "C" not null,
  position bigint not null default 0,
  observed_at timestamptz not null
);
create index workflow_ref_movements_by_hash on workflow_ref_movements (repository_id, new_hash);
create index workflow_ref_movements_by_ref on workflow_ref_movements (repository_id, left(ref, 500));

-- Facts of a commit, whoever made it. files is null when nobody had a reason to diff it.
create table workflow_commits (
  repository_id uuid not null,
  hash varchar(64) collate "C" not null,
  tree_hash varchar(64) collate "C" not null,
  parents jsonb not null,
  author_name text collate "C" not null,
  author_email text collate "C" not null,
  authored_at timestamptz not null,
  committer_name text collate "C" not null,
  committer_email text collate "C" not null,
  committed_at timestamptz not null,
  subject text collate "C" not null,
  patch_id varchar(96) collate "C",
  added_lines bigint not null default 0,
  removed_lines bigint not null default 0,
  files_changed bigint not null default 0,
  files jsonb,
  engine text collate "C",
  primary key (repository_id, hash)
);
create index workflow_commits_by_patch on workflow_commits (repository_id, patch_id) where patch_id is not null;
create index workflow_commits_by_hash on workflow_commits (hash);

-- Edges old → new: told by git (post-rewrite), seen in a movement (amend), or found by patch-id.
create table workflow_rewrites (
  repository_id uuid not null,
  old_hash varchar(64) collate "C" not null,
  new_hash varchar(64) collate "C" not null,
  evidence text collate "C" not null check (evidence in ('git', 'movement', 'patch-id')),
  command text collate "C",
  event_id uuid not null,
  at timestamptz not null,
  primary key (repository_id, old_hash, new_hash, evidence)
);
create index workflow_rewrites_by_new on workflow_rewrites (repository_id, new_hash);

-- Which commit really replaces which: what git or the movement told outranks a patch-id's likeness.
create view workflow_replacements as
select w.repository_id, w.old_hash, w.new_hash, w.evidence, w.command, w.at,
  case w.evidence when 'git' then 1 when 'movement' then 2 else 3 end as evidence_rank
from workflow_rewrites w
where w.old_hash <> w.new_hash and (w.evidence <> 'patch-id' or not exists (
  select 1 from workflow_rewrites t where t.repository_id = w.repository_id and t.new_hash = w.new_hash
    and t.evidence <> 'patch-id'));

create table workflow_run_files (
  workflow_run_id uuid not null references workflow_runs (id),
  path text collate "C" not null,
  added_lines bigint not null,
  removed_lines bigint not null,
  commits bigint not null,
  "binary" boolean not null default false
);
create index workflow_run_files_by_run on workflow_run_files (workflow_run_id);
create index workflow_run_files_by_path on workflow_run_files (left(path, 500), workflow_run_id);

-- A push as intended (pre-push: it runs before the push and proves nothing), and each confirmation by a
-- remote-tracking log in a row of its own (intended_at null). confirmed_at of an intended one is decided from both.
create table workflow_pushes (
  id uuid primary key,
  repository_id uuid not null,
  worktree_id uuid,
  remote text collate "C",
  url text collate "C",
  local_ref text collate "C",
  remote_ref text collate "C",
  tracking_ref text collate "C" not null,
  old_hash varchar(64) collate "C" not null,
  new_hash varchar(64) collate "C" not null,
  intended_at timestamptz,
  confirmed_at timestamptz,
  claimed_run_id uuid,  -- whom env or marker named
  workflow_run_id uuid,  -- the same, if the push lies in its lifetime
  run_evidence text collate "C"
);
create index workflow_pushes_by_run on workflow_pushes (workflow_run_id, intended_at) where workflow_run_id is not null;
create index workflow_pushes_by_claimed_run on workflow_pushes (claimed_run_id) where claimed_run_id is not null;
create index workflow_pushes_by_hash on workflow_pushes (repository_id, new_hash);

create table workflow_edits (
  id uuid primary key,
  workflow_run_id uuid,
  repository_id uuid,
  worktree_id uuid not null,
  at timestamptz not null,
  files jsonb not null
);
create index workflow_edits_by_run on workflow_edits (workflow_run_id, at) where workflow_run_id is not null;

create table workflow_gaps (
  id uuid primary key,
  repository_id uuid,
  worktree_id uuid,
  reason text collate "C" not null,
  detail text collate "C",
  at timestamptz not null
);

create table workflow_days (
  day date not null,
  git_repo text collate "C" not null,
  workflow_name varchar(100) collate "C" not null,
  ai_model varchar(100) collate "C" not null,
  runs bigint not null,
  completed bigint not null,
  failed bigint not null,
  killed bigint not null,
  input_tokens bigint not null,
  output_tokens bigint not null,
  cost_estimate numeric(18,6) not null,
  own_added_lines bigint not null,
  own_removed_lines bigint not null
);
create index workflow_days_by_day on workflow_days (day);
