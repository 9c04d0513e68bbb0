-- Hashes that begin with a word, whoever told of them. $1 word, $2 the end of its range
select hash from (
  select hash from workflow_commits where hash >= $1 and hash < $2
  union select new_hash from workflow_movements where new_hash >= $1 and new_hash < $2
  union select w.old_hash from workflow_repositories p join workflow_rewrites w
    on w.repository_id = p.id and w.old_hash >= $1 and w.old_hash < $2
  union select w.new_hash from workflow_repositories p join workflow_rewrites w
    on w.repository_id = p.id and w.new_hash >= $1 and w.new_hash < $2
) found
order by hash
limit 6
