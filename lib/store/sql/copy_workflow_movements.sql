-- Every row, in the order of its key. $1 from this key on, $2 limit
select id, repository_id, worktree_id, root, git_dir, common_dir, old_hash, new_hash, kind, line_name, line_email,
  line_time, line_zone, position, implied, head_branch, target, earliest_at, latest_at, observed_at, examined,
  moved_at, branch, verdict, reason, commit_kind, workflow_run_id, run_evidence
from workflow_movements
where id >= $1
order by id limit $2
