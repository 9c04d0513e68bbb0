-- Runs, newest first, that changed a file, by the index on paths.
-- $1 branch, $2 status, $3 workflow, $4 session's id or name, $5 path of a file, $6 since, $7 limit; $1 to $5 null: any
select r.id
from workflow_run_files f join workflow_runs r on r.id = f.workflow_run_id
where f.path = $5
  and (cast($1 as text) is null or r.git_branch = $1)
  and (cast($2 as text) is null or r.status = $2)
  and (cast($3 as text) is null or r.workflow_name = $3)
  and (cast($4 as text) is null or cast(r.session_id as text) = $4 or r.session_name = $4)
  and r.created_at >= $6
order by r.created_at desc, r.id desc
limit $7
