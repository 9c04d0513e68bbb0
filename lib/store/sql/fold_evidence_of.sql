-- The evidence of a movement, strongest first. $1 movement
select e.kind, e.workflow_run_id, e.exact, e.at, e.marker_dir, r.started_at, r.completed_at,
  case when r.start_event_id is null then 0 else 1 end, r.worktree_id, r.workspace_path
from workflow_evidence e join workflow_runs r on r.id = e.workflow_run_id
where e.movement_id = $1
order by case e.kind when 'link' then 0 when 'unlink' then 0 when 'env' then 1 when 'marker' then 2 else 3 end,
  case when e.kind in ('link', 'unlink') then e.at end desc, e.exact desc, e.at, e.id
