-- $1 id … $14 position, $15 implied, $16 head_branch, $17 target, $18 earliest, $19 latest, $20 observed
insert into workflow_movements (id, repository_id, worktree_id, root, git_dir, common_dir, old_hash, new_hash, kind,
  line_name, line_email, line_time, line_zone, position, implied, head_branch, target,
  earliest_at, latest_at, observed_at, moved_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $18)
on conflict (id) do nothing
