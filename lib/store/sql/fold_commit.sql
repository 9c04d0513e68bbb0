-- Facts of a commit do not change; a sighting with a diff completes one without. $1 repository … $17 engine
insert into workflow_commits (repository_id, hash, tree_hash, parents, author_name, author_email, authored_at,
  committer_name, committer_email, committed_at, subject, patch_id, added_lines, removed_lines, files_changed, files, engine)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
on conflict (repository_id, hash) do update set
  patch_id = excluded.patch_id, added_lines = excluded.added_lines, removed_lines = excluded.removed_lines,
  files_changed = excluded.files_changed, files = excluded.files, engine = excluded.engine
where workflow_commits.files is null and excluded.files is not null
