-- $1 run, $2 path, $3 added, $4 removed, $5 commits, $6 binary
insert into workflow_run_files (workflow_run_id, path, added_lines, removed_lines, commits, "binary")
values ($1, $2, $3, $4, $5, $6)
