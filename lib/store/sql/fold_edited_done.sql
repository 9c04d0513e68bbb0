-- A hint that was followed, or will arrive later. $1 event
insert into workflow_edit_hints (event_id, done) values ($1, true)
on conflict (event_id) do update set done = true, worktree_id = null, repository_id = null, git_dir = null, common_dir = null,
  root = null, since = null, at = null, whole = null, paths = null, reason = null, run_id = null
