-- $1 id, $2 repository, $3 worktree, $4 remote, $5 url, $6 local_ref, $7 remote_ref, $8 tracking_ref, $9 old, $10 new,
-- $11 at, $12 claimed run, $13 evidence
insert into workflow_pushes (id, repository_id, worktree_id, remote, url, local_ref, remote_ref, tracking_ref,
  old_hash, new_hash, intended_at, claimed_run_id, run_evidence)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
on conflict (id) do nothing
