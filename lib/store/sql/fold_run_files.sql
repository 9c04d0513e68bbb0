-- The files of a run as they were decided last. $1 run
select path, added_lines, removed_lines, commits, "binary" from workflow_run_files where workflow_run_id = $1
