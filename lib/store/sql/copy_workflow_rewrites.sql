-- Every row, in the order of its key. $1 … $4 from this key on, $5 limit
select repository_id, old_hash, new_hash, evidence, command, event_id, at
from workflow_rewrites
where (repository_id, old_hash, new_hash, evidence) >= ($1, $2, $3, $4)
order by repository_id, old_hash, new_hash, evidence limit $5
