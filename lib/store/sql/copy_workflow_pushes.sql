-- Every row, in the order of its key. $1 from this key on, $2 limit
select id, repository_id, worktree_id, remote, url, local_ref, remote_ref, tracking_ref, old_hash, new_hash,
  intended_at, confirmed_at, claimed_run_id, workflow_run_id, run_evidence
from workflow_pushes
where id >= $1
order by id limit $2
