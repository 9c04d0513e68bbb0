-- Every row, in the order of its key. $1 from this key on, $2 limit
select id, common_dir, origin, object_format, seen_event_id, first_seen_at, seen_at
from workflow_repositories
where id >= $1
order by id limit $2
