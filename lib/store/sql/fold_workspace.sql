-- $1 id, $2 path, $3 repository, $4 worktree, $5 persistent, $6 event, $7 at. The latest use says where it lies.
insert into workflow_workspaces (id, path, repository_id, worktree_id, persistent, seen_event_id, created_at, last_used_at)
values ($1, $2, $3, $4, $5, $6, $7, $7)
on conflict (id) do update set
  path = case when (excluded.last_used_at, excluded.seen_event_id) > (workflow_workspaces.last_used_at, workflow_workspaces.seen_event_id) then excluded.path else workflow_workspaces.path end,
  persistent = case when (excluded.last_used_at, excluded.seen_event_id) > (workflow_workspaces.last_used_at, workflow_workspaces.seen_event_id) then excluded.persistent else workflow_workspaces.persistent end,
  created_at = case when excluded.created_at < workflow_workspaces.created_at then excluded.created_at else workflow_workspaces.created_at end,
  seen_event_id = case when (excluded.last_used_at, excluded.seen_event_id) > (workflow_workspaces.last_used_at, workflow_workspaces.seen_event_id) then excluded.seen_event_id else workflow_workspaces.seen_event_id end,
  last_used_at = case when excluded.last_used_at > workflow_workspaces.last_used_at then excluded.last_used_at else workflow_workspaces.last_used_at end
