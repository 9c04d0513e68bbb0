-- A row as copy_workflow_edits gives it, its columns in the same order; one that is there stands.
insert into workflow_edits (id, repository_id, worktree_id, root, since, at, reason, head_hash, branch, base_id,
  files, gone, discarded, added_lines, removed_lines, files_changed, untracked_files, engine, kept_old, kept_new,
  kept_bytes, marker_run_id, workflow_run_id, run_evidence)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)
on conflict do nothing
