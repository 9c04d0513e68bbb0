-- Worktrees of these repositories that may have changed, those that were told first first. $1 ids, a JSON list
select h.worktree_id
from json_each($1) r join workflow_edit_hints h on h.repository_id = r.value and h.done = 0
group by h.worktree_id order by min(h.at), h.worktree_id
