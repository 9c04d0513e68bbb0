-- $1 id, $2 repository, $3 git_dir, $4 root, $5 event, $6 at. The latest sighting stands.
insert into workflow_worktrees (id, repository_id, git_dir, root, seen_event_id, first_seen_at, seen_at)
values ($1, $2, $3, $4, $5, $6, $6)
on conflict (id) do update set
  git_dir = case when (excluded.seen_at, excluded.seen_event_id) > (workflow_worktrees.seen_at, workflow_worktrees.seen_event_id) then excluded.git_dir else workflow_worktrees.git_dir end,
  root = case when (excluded.seen_at, excluded.seen_event_id) > (workflow_worktrees.seen_at, workflow_worktrees.seen_event_id) then excluded.root else workflow_worktrees.root end,
  first_seen_at = case when excluded.first_seen_at < workflow_worktrees.first_seen_at then excluded.first_seen_at else workflow_worktrees.first_seen_at end,
  seen_event_id = case when (excluded.seen_at, excluded.seen_event_id) > (workflow_worktrees.seen_at, workflow_worktrees.seen_event_id) then excluded.seen_event_id else workflow_worktrees.seen_event_id end,
  seen_at = case when excluded.seen_at > workflow_worktrees.seen_at then excluded.seen_at else workflow_worktrees.seen_at end
