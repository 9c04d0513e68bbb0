-- A row as copy_workflow_commits gives it, its columns in the same order; one that is there stands.
insert into workflow_commits (repository_id, hash, tree_hash, parents, author_name, author_email, authored_at,
  committer_name, committer_email, committed_at, subject, patch_id, added_lines, removed_lines, files_changed, files,
  engine)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
on conflict do nothing
