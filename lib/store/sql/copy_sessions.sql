-- Conversations that runs belong to, in the order of their ids: what the table has in every surrounding system, and is not
-- decided. $1 from this key on, $2 limit
select id, name, platform, metadata, created_at, updated_at, run_finished_at
from sessions t
where id >= $1
  and exists (select 1 from workflow_runs r where r.session_id = t.id)
order by id limit $2
