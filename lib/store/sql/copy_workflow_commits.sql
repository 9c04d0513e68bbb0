-- Every row, in the order of its key. $1 … $2 from this key on, $3 limit
select repository_id, hash, tree_hash, parents, author_name, author_email, authored_at, committer_name,
  committer_email, committed_at, subject, patch_id, added_lines, removed_lines, files_changed, files, engine
from workflow_commits
where (repository_id, hash) >= ($1, $2)
order by repository_id, hash limit $3
