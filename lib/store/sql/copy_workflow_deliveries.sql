-- Every row, in the order of its key. $1 … $2 from this key on, $3 limit
select message_id, workflow_run_id, at, as_prompt
from workflow_deliveries
where (message_id, workflow_run_id) >= ($1, $2)
order by message_id, workflow_run_id limit $3
