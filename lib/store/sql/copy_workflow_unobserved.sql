-- Every row, in the order of its key. $1 from this key on, $2 limit
select repository_id
from workflow_unobserved
where repository_id >= $1
order by repository_id limit $2
