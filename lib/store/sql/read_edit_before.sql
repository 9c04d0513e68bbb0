-- The state of a worktree before another. $1 worktree, $2 at, $3 id
select id, kept_old, kept_new from workflow_edits
where worktree_id = $1 and at <= $2 and (at < $2 or id < $3)
order by at desc, id desc limit 1
