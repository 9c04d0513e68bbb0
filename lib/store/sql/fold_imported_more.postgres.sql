-- Those of the runs of which more is known than imports told. $1 a list of runs
select r.id, r.worktree_id, r.started_at, r.workspace_id
from (select cast(value as uuid) as id from jsonb_array_elements_text(cast($1 as jsonb)) as e (value)) l
cross join lateral (select id, worktree_id, started_at, workspace_id, start_event_id, end_rank, diff_event_id, purged_at from workflow_runs where id = l.id limit 1) r
where (
  r.purged_at is not null or r.start_event_id is not null or r.end_rank > 0 or r.diff_event_id is not null
  or exists (select 1 from workflow_movements m where m.workflow_run_id = r.id)
  or exists (select 1 from workflow_evidence e where e.workflow_run_id = r.id)
  or exists (select 1 from workflow_edits e where e.workflow_run_id = r.id)
  or exists (select 1 from workflow_edits e where e.marker_run_id = r.id)
  or exists (select 1 from workflow_pushes p where p.claimed_run_id = r.id)
  or exists (select 1 from workflow_run_reports p where p.workflow_run_id = r.id)
  or exists (select 1 from workflow_usage u where u.workflow_run_id = r.id)
  or exists (select 1 from workflow_said s where s.workflow_run_id = r.id))
