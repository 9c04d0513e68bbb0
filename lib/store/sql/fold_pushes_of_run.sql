-- A push belongs to the run that it names if it lies in that run's lifetime. $1 run
update workflow_pushes set workflow_run_id = (
  select r.id from workflow_runs r
  where r.id = workflow_pushes.claimed_run_id
    and (r.start_event_id is null or r.started_at <= workflow_pushes.intended_at)
    and (r.completed_at is null or r.completed_at >= workflow_pushes.intended_at))
where claimed_run_id = $1
