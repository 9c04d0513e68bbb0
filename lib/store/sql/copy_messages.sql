-- What Runwake itself wrote into conversations, in the order of their ids. $1 from this key on, $2 limit
select id, session_id, role, text_content, message_type, coalesce(context, '{}') as context, created_at, updated_at
from messages t
where id >= $1
  and message_type in ('workflow_start', 'workflow_result', 'intervention')
  and exists (select 1 from workflow_runs r where r.session_id = t.session_id)
order by id limit $2
