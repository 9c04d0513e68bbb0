-- Every row, in the order of its key. $1 from this key on, $2 limit
select id, workflow_run_id, role, kind, context, text, at, delivered_run_id, delivered_at, is_echo
from workflow_said
where id >= $1
order by id limit $2
