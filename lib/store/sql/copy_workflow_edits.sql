-- Every row, in the order of its key. $1 from this key on, $2 limit
select id, repository_id, worktree_id, root, since, at, reason, head_hash, branch, base_id, files, gone, discarded,
  added_lines, removed_lines, files_changed, untracked_files, engine, kept_old, kept_new, kept_bytes, marker_run_id,
  workflow_run_id, run_evidence
from workflow_edits
where id >= $1
order by id limit $2
