-- The latest diff stands. $1 id, $2 from, $3 to, $4 added, $5 removed, $6 files, $7 stats, $8 at, $9 event
update workflow_runs set diff_from = $2, diff_to = $3, git_diff_added_lines = $4, git_diff_removed_lines = $5,
  git_diff_files_changed = $6, git_diff_stats = $7, diff_at = $8, diff_event_id = $9
where id = $1 and (diff_at is null or (diff_at, diff_event_id) < ($8, $9))
