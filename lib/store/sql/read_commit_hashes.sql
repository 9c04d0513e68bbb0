-- Hashes that begin with a word, whoever told of them. $1 word, $2 the end of its range
-- (A cross join is walked in this order: a few repositories, each by index. Hashes alone have none.)
select hash from (
  select hash from workflow_commits where hash >= $1 and hash < $2
  union select new_hash from workflow_movements where new_hash >= $1 and new_hash < $2
  union select w.old_hash from workflow_repositories p cross join workflow_rewrites w
    where w.repository_id = p.id and w.old_hash >= $1 and w.old_hash < $2
  union select w.new_hash from workflow_repositories p cross join workflow_rewrites w
    where w.repository_id = p.id and w.new_hash >= $1 and w.new_hash < $2
) found
order by hash
limit 6
