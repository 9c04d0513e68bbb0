-- The pushes of a run, in order. $1 run
select remote, url, local_ref, remote_ref, old_hash, new_hash, intended_at, confirmed_at, run_evidence as evidence,
  repository_id
from workflow_pushes
where workflow_run_id = $1
order by coalesce(intended_at, confirmed_at), id
