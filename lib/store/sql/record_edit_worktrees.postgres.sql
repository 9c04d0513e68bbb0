-- Worktrees that may have changed, those that were told first first.
select worktree_id from workflow_edit_hints where not done group by worktree_id order by min(at), worktree_id
