-- Worktrees of these repositories that may have changed, those that were told first first. $1 ids, a JSON list
select h.worktree_id
from jsonb_array_elements_text(cast($1 as jsonb)) as r (id)
join workflow_edit_hints h on h.repository_id = cast(r.id as uuid) and not h.done
group by h.worktree_id order by min(h.at), h.worktree_id
