-- A row as copy_workflow_run_files gives it, its columns in the same order; one that is there stands.
insert into workflow_run_files (workflow_run_id, path, added_lines, removed_lines, commits, "binary")
values ($1, $2, $3, $4, $5, $6)
on conflict do nothing
