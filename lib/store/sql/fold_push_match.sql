-- Intended pushes of a commit take the first confirmation of the same tracking ref. $1 repository, $2 new_hash
update workflow_pushes set confirmed_at = (
  select min(c.confirmed_at) from workflow_pushes c
  where c.repository_id = workflow_pushes.repository_id and c.new_hash = workflow_pushes.new_hash
    and c.tracking_ref = workflow_pushes.tracking_ref and c.intended_at is null)
where repository_id = $1 and new_hash = $2 and intended_at is not null
