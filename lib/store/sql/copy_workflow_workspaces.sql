-- Every row, in the order of its key. $1 from this key on, $2 limit
select id, path, repository_id, worktree_id, persistent, seen_event_id, created_at, last_used_at, cleaned_up_at,
  cleaned_up_by
from workflow_workspaces
where id >= $1
order by id limit $2
