-- What nobody can know any more of a repository. $1 repository
select g.id, g.repository_id, g.worktree_id, w.root, g.reason, g.detail, g.at
from workflow_gaps g
left join workflow_worktrees w on w.id = g.worktree_id
where g.repository_id = $1
order by g.at, g.id
