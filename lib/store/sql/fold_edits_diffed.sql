-- $1 id, $2 repository, $3 worktree, $4 root, $5 since, $6 at, $7 reason, $8 head, $9 branch, $10 base, $11 files, $12 gone,
-- $13 discarded, $14 added, $15 removed, $16 files changed, $17 untracked, $18 engine, $19 kept old, $20 kept new,
-- $21 kept bytes, $22 marker's run
insert into workflow_edits (id, repository_id, worktree_id, root, since, at, reason, head_hash, branch, base_id, files, gone,
  discarded, added_lines, removed_lines, files_changed, untracked_files, engine, kept_old, kept_new, kept_bytes,
  marker_run_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
on conflict (id) do nothing
