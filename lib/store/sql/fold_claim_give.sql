-- $1 workspace
update workflow_runs set holds_claim = true
where holds_claim = false and id = (
  select id from workflow_runs where workspace_id = $1 and wants_claim = true and status in ('pending', 'running')
  order by started_at, id limit 1)
