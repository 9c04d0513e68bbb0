-- Every row, in the order of its key. $1 from this key on, $2 limit
select id, repository_id, git_dir, root, seen_event_id, first_seen_at, seen_at
from workflow_worktrees
where id >= $1
order by id limit $2
