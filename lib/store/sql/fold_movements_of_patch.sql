-- Movements to commits with the same patch: one may replace the other. The commits come first: they are few.
-- $1 repository, $2 patch_id
select m.id from workflow_commits c cross join workflow_movements m
where c.repository_id = $1 and c.patch_id = $2 and m.repository_id = c.repository_id and m.new_hash = c.hash
order by m.moved_at desc limit 100
