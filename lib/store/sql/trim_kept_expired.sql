-- Did a repository's state with contents become too old in this span? $1 repository, $2 from, $3 to
select 1 from workflow_edits
where repository_id = $1 and at >= $2 and at < $3 and (kept_old is not null or kept_new is not null)
limit 1
