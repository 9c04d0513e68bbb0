-- Every row, in the order of its key. $1 from this key on, $2 limit
select id, repository_id, worktree_id, reason, detail, at
from workflow_gaps
where id >= $1
order by id limit $2
