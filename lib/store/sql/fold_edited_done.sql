-- A hint that was followed, or will arrive later. $1 event
insert into workflow_edit_hints (event_id, done) values ($1, 1)
on conflict (event_id) do update set done = 1, worktree_id = null, repository_id = null, git_dir = null, common_dir = null,
  root = null, since = null, at = null, whole = null, paths = null, reason = null, run_id = null
