-- A repository's next run whose diff is not up to date. $1 repository, $2 before this id
select r.id, r.run_id, w.git_dir, p.common_dir, coalesce(r.initial_commit_hash, ''), r.diff_wanted
from workflow_runs r join workflow_worktrees w on w.id = r.worktree_id
join workflow_repositories p on p.id = r.repository_id
where r.repository_id = $1 and r.diff_stale = 1 and r.id < $2
order by r.id desc limit 1
