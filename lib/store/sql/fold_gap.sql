-- $1 id, $2 repository, $3 worktree, $4 reason, $5 detail, $6 at
insert into workflow_gaps (id, repository_id, worktree_id, reason, detail, at)
values ($1, $2, $3, $4, $5, $6)
on conflict (id) do nothing
