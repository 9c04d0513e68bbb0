-- A state of uncommitted edits, without its files. $1 id
select id, repository_id, worktree_id, workflow_run_id, head_hash, kept_old, kept_new, branch, root, reason, since, at,
  added_lines, removed_lines, files_changed, untracked_files
from workflow_edits where id = $1
