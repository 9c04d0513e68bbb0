-- The same, for which SQLite needs no limit inside: it would sort what that lets through. $1 … $4 as in read_runs_latest.sql
select
-- include run_columns
from workflow_runs r
where r.created_at >= $1 and (r.created_at, r.id) < ($3, $4)
order by r.created_at desc, r.id desc
limit $2
