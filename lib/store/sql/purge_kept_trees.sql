-- Contents of states of a repository, and whether they are a purged run's. $1 repository, $2 after this id, $3 limit
select e.id, e.kept_old, e.kept_new, case when r.purged_at is null then 0 else 1 end as purged
from workflow_edits e left join workflow_runs r on r.id = e.workflow_run_id
where e.repository_id = $1 and e.id > $2 and (e.kept_old is not null or e.kept_new is not null)
order by e.id limit $3
