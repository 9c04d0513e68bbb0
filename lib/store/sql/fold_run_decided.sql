-- $1 run, $2 own added, $3 own removed, $4 own files, $5 seconds, $6 updated
update workflow_runs set own_added_lines = $2, own_removed_lines = $3, own_files_changed = $4, duration_seconds = $5,
  updated_at = $6
where id = $1
