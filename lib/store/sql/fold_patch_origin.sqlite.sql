-- The commit that a replayed one repeats; by the index on patches, since SQLite takes repositories for small.
-- $1 repository, $2 the replayed commit
select o.hash from workflow_commits c
join workflow_commits o indexed by workflow_commits_by_patch
  on o.repository_id = c.repository_id and o.patch_id = c.patch_id
where c.repository_id = $1 and c.hash = $2 and c.patch_id is not null and c.patch_id <> ''
  and o.patch_id is not null and o.hash <> c.hash and o.author_name = c.author_name and o.author_email = c.author_email
  and o.authored_at = c.authored_at and o.committed_at <= c.committed_at
  and not exists (select 1 from workflow_rewrites w
    where w.repository_id = c.repository_id and w.old_hash = c.hash and w.new_hash = o.hash)
order by o.committed_at desc, o.hash limit 1
