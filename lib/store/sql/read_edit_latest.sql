-- The latest state of a worktree. $1 worktree
select id from workflow_edits where worktree_id = $1 order by at desc, id desc limit 1
