-- The contents that are still kept: of the states since, and of each worktree's state that held by then. $1 repository, $2 since,
-- $3 after this id, $4 limit
select e.id, e.kept_old, e.kept_new from workflow_edits e
left join workflow_runs r on r.id = e.workflow_run_id
where e.repository_id = $1 and e.id > $3 and r.purged_at is null and (e.kept_old is not null or e.kept_new is not null)
  and (e.at >= $2 or not exists (
    select 1 from workflow_edits later
    where later.worktree_id = e.worktree_id and later.at > e.at and later.at <= $2))
order by e.id limit $4
