-- $1 workspace
update workflow_runs set holds_claim = 1
where holds_claim = 0 and id = (
  select id from workflow_runs where workspace_id = $1 and wants_claim = 1 and status in ('pending', 'running')
  order by started_at, id limit 1)
