-- Every row, in the order of its key. $1 … $2 from this key on, $3 limit
select workflow_run_id, path, added_lines, removed_lines, commits, "binary"
from workflow_run_files
where (workflow_run_id, path) >= ($1, $2)
order by workflow_run_id, path limit $3
