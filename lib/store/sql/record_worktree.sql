-- What is known of a worktree. $1 worktree
select w.git_dir, w.root, r.common_dir, r.origin
from workflow_worktrees w join workflow_repositories r on r.id = w.repository_id
where w.id = $1
