-- Every row, in the order of its key. $1 from this key on, $2 limit
select id, repository_id, ref, old_hash, new_hash, kind, line_name, line_email, line_time, line_zone, position,
  observed_at
from workflow_ref_movements
where id >= $1
order by id limit $2
