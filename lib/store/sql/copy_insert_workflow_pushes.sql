-- A row as copy_workflow_pushes gives it, its columns in the same order; one that is there stands.
insert into workflow_pushes (id, repository_id, worktree_id, remote, url, local_ref, remote_ref, tracking_ref,
  old_hash, new_hash, intended_at, confirmed_at, claimed_run_id, workflow_run_id, run_evidence)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
on conflict do nothing
