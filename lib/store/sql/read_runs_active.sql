-- Runs, newest first, pending or running, by the index of those.
-- $1 branch, $2 status, $3 workflow, $4 session's id or name, $5 path of a file, $6 since, $7 limit; $1 to $5 null: any
select r.id
from workflow_runs r
where r.status = $2 and r.status in ('pending', 'running')
  and (cast($1 as text) is null or r.git_branch = $1)
  and (cast($3 as text) is null or r.workflow_name = $3)
  and (cast($4 as text) is null or cast(r.session_id as text) = $4 or r.session_name = $4)
  and (cast($5 as text) is null or exists (
    select 1 from workflow_run_files f where f.path = $5 and f.workflow_run_id = r.id))
  and r.created_at >= $6
order by r.created_at desc, r.id desc
limit $7
