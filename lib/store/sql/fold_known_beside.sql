-- Movements that led to a commit in the same second. $1 … $4 as in fold_known_before, $5 start of the next second
select id, kind, worktree_id, position from workflow_movements
where repository_id = $1 and new_hash = $2 and id <> $3 and old_hash <> new_hash and moved_at >= $4 and moved_at < $5
order by id limit 256
