-- Conversations that runs belong to, in the order of their ids. $1 from this key on, $2 limit
select id, user_id, agent_name, name, platform, metadata, created_at, updated_at, run_finished_at, message_count
from sessions t
where id >= $1
  and exists (select 1 from workflow_runs r where r.session_id = t.id)
order by id limit $2
