-- The core tables. UUIDs, hashes and times (RFC 3339 UTC with microseconds) are text, money is integer micro-dollars,
-- booleans are 0 and 1, JSON is text. Every table but the ledger is a projection of the ledger.

create table users (
  id text primary key,
  email text unique,
  phone_number text,
  user_data text not null default '{}',
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
  updated_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
);

create table sessions (
  id text primary key,
  user_id text references users (id) on delete set null,
  agent_name text,
  name text,
  platform text,
  metadata text not null default '{}',
  created_at text not null,
  updated_at text not null,
  run_finished_at text,
  message_count integer not null default 0
);
create index sessions_by_name on sessions (name, updated_at desc) where name is not null;

create table messages (
  id text primary key,
  session_id text references sessions (id) on delete cascade,
  user_id text references users (id) on delete set null,
  role text not null,
  text_content text,
  message_type text,
  raw_payload text not null default '{}',
  context text not null default '{}',
  created_at text not null,
  updated_at text not null
);
create index messages_by_session on messages (session_id, created_at);

-- The ledger: every event, once.
create table workflow_events (
  id text primary key,
  type text not null,
  version integer not null,
  at text not null,
  host text not null,
  workflow_run_id text,
  payload text,
  recorded_at text not null,
  folded_at text
) without rowid;
create index workflow_events_by_run on workflow_events (workflow_run_id, id) where workflow_run_id is not null;

create table workflow_repositories (
  id text primary key,
  common_dir text not null,
  origin text,
  object_format text not null default 'sha1',
  seen_event_id text not null,
  first_seen_at text not null,
  seen_at text not null
);
create index workflow_repositories_by_dir on workflow_repositories (common_dir);

-- Repositories with news whose other logs nobody has read since: what a hook leaves to the recorder.
create table workflow_unobserved (
  repository_id text primary key
) without rowid;

create table workflow_worktrees (
  id text primary key,
  repository_id text not null,
  git_dir text not null,
  root text,
  seen_event_id text not null,
  first_seen_at text not null,
  seen_at text not null
);
create index workflow_worktrees_by_repository on workflow_worktrees (repository_id);
create index workflow_worktrees_by_root on workflow_worktrees (root);

create table workflow_workspaces (
  id text primary key,
  path text not null,
  repository_id text,
  worktree_id text,
  persistent integer not null default 1 check (persistent in (0, 1)),
  seen_event_id text not null,
  created_at text not null,
  last_used_at text not null,
  cleaned_up_at text,
  cleaned_up_by text
);
create index workflow_workspaces_by_path on workflow_workspaces (path);
create index workflow_workspaces_by_worktree on workflow_workspaces (worktree_id);

create table workflow_runs (
  id text primary key,
  run_id text not null unique check (length(run_id) between 1 and 255),
  workflow_name text not null check (length(workflow_name) <= 100),
  agent_type text,
  ai_model text,
  task_input text not null,
  session_id text references sessions (id),
  session_name text,
  git_repo text,
  git_branch text,
  initial_commit_hash text,
  final_commit_hash text,
  git_diff_added_lines integer not null default 0,
  git_diff_removed_lines integer not null default 0,
  git_diff_files_changed integer not null default 0,
  own_added_lines integer not null default 0,
  own_removed_lines integer not null default 0,
  own_files_changed integer not null default 0,
  git_diff_stats text not null default '{}',
  status text not null default 'pending' check (status in ('pending', 'running', 'completed', 'failed', 'killed')),
  result text,
  error_message text,
  created_at text not null,
  started_at text,
  completed_at text,
  duration_seconds integer check (duration_seconds is null or duration_seconds >= 0),
  updated_at text not null,
  last_heartbeat_at text,
  workspace_id text,
  workspace_persistent integer not null default 1 check (workspace_persistent in (0, 1)),
  workspace_cleaned_up integer not null default 0 check (workspace_cleaned_up in (0, 1)),
  workspace_path text,
  cost_estimate integer check (cost_estimate is null or cost_estimate >= 0),
  input_tokens integer not null default 0 check (input_tokens >= 0),
  output_tokens integer not null default 0 check (output_tokens >= 0),
  total_tokens integer not null default 0 check (total_tokens >= 0),
  cache_read_tokens integer not null default 0 check (cache_read_tokens >= 0),
  cache_write_tokens integer not null default 0 check (cache_write_tokens >= 0),
  user_id text references users (id),
  metadata text not null default '{}',
  agent_session_id text,
  num_turns integer,
  exit_code integer,
  exit_signal integer,
  host text,
  agent_pid integer,
  agent_pid_start integer,
  agent_boot_id text,
  parent_run_id text,
  repository_id text,
  worktree_id text,
  holds_claim integer not null default 0 check (holds_claim in (0, 1)),
  wants_claim integer not null default 0 check (wants_claim in (0, 1)),
  start_event_id text,  -- null: a placeholder, made for a run id that nobody announced
  end_event_id text,
  end_commit_hash text,  -- as the end told; final_commit_hash is decided from it and the movements
  end_rank integer not null default 0,  -- 0 not ended, 1 presumed, 2 reported
  diff_from text,  -- what git_diff_* were taken between; null: not taken
  diff_to text,
  diff_event_id text,
  diff_at text,
  diff_wanted text,  -- what they should be taken to; null: nothing moved yet
  diff_stale integer not null default 0 check (diff_stale in (0, 1))
);
create index workflow_runs_by_created on workflow_runs (created_at desc);
create index workflow_runs_by_session on workflow_runs (session_id, created_at desc);
create index workflow_runs_by_session_name on workflow_runs (session_name, created_at desc) where session_name is not null;
create index workflow_runs_by_branch on workflow_runs (git_branch, created_at desc);
create index workflow_runs_by_workflow on workflow_runs (workflow_name, created_at desc);
create index workflow_runs_active on workflow_runs (status, created_at desc) where status in ('pending', 'running');
create index workflow_runs_failed on workflow_runs (status, created_at desc) where status in ('failed', 'killed');
create index workflow_runs_completed on workflow_runs (created_at desc) where status = 'completed';
create index workflow_runs_by_user on workflow_runs (user_id, created_at desc) where user_id is not null;
create index workflow_runs_by_workspace on workflow_runs (workspace_id, created_at desc);
create index workflow_runs_by_worktree on workflow_runs (worktree_id, started_at) where worktree_id is not null;
create index workflow_runs_to_diff on workflow_runs (id) where diff_stale = 1;
create unique index workflow_runs_one_claim on workflow_runs (workspace_id)
  where holds_claim = 1 and status in ('pending', 'running');

-- One row per movement of HEAD in a worktree. The first block is what was seen, the second is decided
-- from it, from what the objects say (workflow_examinations) and from the evidence.
create table workflow_movements (
  id text primary key,
  repository_id text not null,
  worktree_id text not null,
  root text,
  git_dir text not null,
  common_dir text not null,
  old_hash text not null,
  new_hash text not null,
  kind text not null,
  line_name text not null,
  line_email text not null,
  line_time integer not null,
  line_zone text not null,
  position integer not null default 0,
  implied integer not null default 0 check (implied in (0, 1)),
  head_branch text,
  target text,
  earliest_at text not null,  -- it happened between these two
  latest_at text not null,
  observed_at text not null,

  examined integer not null default 0 check (examined in (0, 1)),
  moved_at text not null,
  branch text,
  verdict text not null default 'brought' check (verdict in ('made', 'brought')),
  reason text not null default 'none',
  commit_kind text,
  workflow_run_id text references workflow_runs (id),
  run_evidence text
) without rowid;
create index workflow_movements_by_commit on workflow_movements (repository_id, new_hash);
create index workflow_movements_by_run on workflow_movements (workflow_run_id, moved_at) where workflow_run_id is not null;
create index workflow_movements_by_worktree on workflow_movements (worktree_id, latest_at);
create index workflow_movements_unexamined on workflow_movements (id) where examined = 0;
create index workflow_movements_by_hash on workflow_movements (new_hash);

-- What the objects say of a movement's new commit.
create table workflow_examinations (
  movement_id text primary key,
  missing integer not null check (missing in (0, 1)),
  committer_is_line integer not null check (committer_is_line in (0, 1)),
  same_committer integer not null check (same_committer in (0, 1)),
  lag integer not null,
  graph text not null,
  known_remote integer not null check (known_remote in (0, 1)),
  known_earlier integer not null check (known_earlier in (0, 1))
) without rowid;

create table workflow_evidence (
  id text primary key,
  movement_id text not null,
  kind text not null check (kind in ('env', 'marker', 'workspace', 'link', 'unlink')),
  workflow_run_id text not null,
  marker_dir text,
  exact integer not null check (exact in (0, 1)),
  at text not null
) without rowid;
create index workflow_evidence_by_movement on workflow_evidence (movement_id);
create index workflow_evidence_by_run on workflow_evidence (workflow_run_id);

create table workflow_ref_movements (
  id text primary key,
  repository_id text not null,
  ref text not null,
  old_hash text not null,
  new_hash text not null,
  kind text not null,
  line_name text not null,
  line_email text not null,
  line_time integer not null,
  line_zone text not null,
  position integer not null default 0,
  observed_at text not null
) without rowid;
create index workflow_ref_movements_by_hash on workflow_ref_movements (repository_id, new_hash);
create index workflow_ref_movements_by_ref on workflow_ref_movements (repository_id, ref);

-- Facts of a commit, whoever made it. files is null when nobody had a reason to diff it.
create table workflow_commits (
  repository_id text not null,
  hash text not null,
  tree_hash text not null,
  parents text not null,
  author_name text not null,
  author_email text not null,
  authored_at text not null,
  committer_name text not null,
  committer_email text not null,
  committed_at text not null,
  subject text not null,
  patch_id text,
  added_lines integer not null default 0,
  removed_lines integer not null default 0,
  files_changed integer not null default 0,
  files text,
  engine text,
  primary key (repository_id, hash)
) without rowid;
create index workflow_commits_by_patch on workflow_commits (repository_id, patch_id) where patch_id is not null;
create index workflow_commits_by_hash on workflow_commits (hash);

-- Edges old → new: told by git (post-rewrite), seen in a movement (amend), or found by patch-id.
create table workflow_rewrites (
  repository_id text not null,
  old_hash text not null,
  new_hash text not null,
  evidence text not null check (evidence in ('git', 'movement', 'patch-id')),
  command text,
  event_id text not null,
  at text not null,
  primary key (repository_id, old_hash, new_hash, evidence)
) without rowid;
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
  workflow_run_id text not null references workflow_runs (id),
  path text not null,
  added_lines integer not null,
  removed_lines integer not null,
  commits integer not null,
  binary integer not null default 0,
  primary key (workflow_run_id, path)
) without rowid;
create index workflow_run_files_by_path on workflow_run_files (path, workflow_run_id);

-- A push as intended (pre-push: it runs before the push and proves nothing), and each confirmation by a
-- remote-tracking log in a row of its own (intended_at null). confirmed_at of an intended one is decided from both.
create table workflow_pushes (
  id text primary key,
  repository_id text not null,
  worktree_id text,
  remote text,
  url text,
  local_ref text,
  remote_ref text,
  tracking_ref text not null,
  old_hash text not null,
  new_hash text not null,
  intended_at text,
  confirmed_at text,
  claimed_run_id text,  -- whom env or marker named
  workflow_run_id text,  -- the same, if the push lies in its lifetime
  run_evidence text
) without rowid;
create index workflow_pushes_by_run on workflow_pushes (workflow_run_id, intended_at) where workflow_run_id is not null;
create index workflow_pushes_by_claimed_run on workflow_pushes (claimed_run_id) where claimed_run_id is not null;
create index workflow_pushes_by_hash on workflow_pushes (repository_id, new_hash);

create table workflow_edits (
  id text primary key,
  workflow_run_id text,
  repository_id text,
  worktree_id text not null,
  at text not null,
  files text not null
) without rowid;
create index workflow_edits_by_run on workflow_edits (workflow_run_id, at) where workflow_run_id is not null;

create table workflow_gaps (
  id text primary key,
  repository_id text,
  worktree_id text,
  reason text not null,
  detail text,
  at text not null
) without rowid;

create table workflow_days (
  day text not null,
  git_repo text not null,
  workflow_name text not null,
  ai_model text not null,
  runs integer not null,
  completed integer not null,
  failed integer not null,
  killed integer not null,
  input_tokens integer not null,
  output_tokens integer not null,
  cost_estimate integer not null,
  own_added_lines integer not null,
  own_removed_lines integer not null,
  primary key (day, git_repo, workflow_name, ai_model)
) without rowid;
