-- What was told of a worktree. $1 worktree, $2 limit
select h.event_id, h.repository_id, h.git_dir, h.common_dir, h.root, h.since, h.whole, h.paths, h.reason, h.run_id, e.host
from workflow_edit_hints h left join workflow_events e on e.id = h.event_id
where h.worktree_id = $1 and not h.done
order by h.at, h.event_id limit $2
