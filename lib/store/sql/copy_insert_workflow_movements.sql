-- A row as copy_workflow_movements gives it, its columns in the same order; one that is there stands.
insert into workflow_movements (id, repository_id, worktree_id, root, git_dir, common_dir, old_hash, new_hash, kind,
  line_name, line_email, line_time, line_zone, position, implied, head_branch, target, earliest_at, latest_at,
  observed_at, examined, moved_at, branch, verdict, reason, commit_kind, workflow_run_id, run_evidence)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
  $25, $26, (select id from workflow_runs where id = $27), $28)
on conflict do nothing
