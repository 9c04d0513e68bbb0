-- The earliest active run that wants the workspace keeps it; the others lose it first. $1 workspace
update workflow_runs set holds_claim = false
where workspace_id = $1 and holds_claim = true and id <> coalesce((
  select id from workflow_runs where workspace_id = $1 and wants_claim = true and status in ('pending', 'running')
  order by started_at, id limit 1), '00000000-0000-0000-0000-000000000000')
