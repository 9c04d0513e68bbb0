-- $1 run, $2 own added, $3 own removed, $4 own files, $5 seconds, $6 updated, $7 uncommitted added, $8 removed, $9 files,
-- $10 untracked files, $11 at
update workflow_runs set own_added_lines = $2, own_removed_lines = $3, own_files_changed = $4, duration_seconds = $5,
  updated_at = $6, uncommitted_added_lines = $7, uncommitted_removed_lines = $8, uncommitted_files_changed = $9,
  uncommitted_untracked_files = $10, uncommitted_at = $11
where id = $1
