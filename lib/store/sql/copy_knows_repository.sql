-- Does anything tell of this repository? $1 repository
select 1
where exists (select 1 from workflow_repositories where id = $1)
  or exists (select 1 from workflow_movements where repository_id = $1)
  or exists (select 1 from workflow_pushes where repository_id = $1)
  or exists (select 1 from workflow_rewrites where repository_id = $1)
  or exists (select 1 from workflow_runs where repository_id = $1)
  or exists (select 1 from workflow_edits where repository_id = $1)
