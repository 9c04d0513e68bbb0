-- What was said in a run as messages of its session; its first prompt is its task, which is a message already. $1 run
insert into messages (id, session_id, role, text_content, message_type, context, created_at, updated_at)
select s.id, r.session_id, s.role, s.text, 'intervention', s.context, s.at, s.at
from workflow_said s join workflow_runs r on r.id = s.workflow_run_id
where r.id = $1 and r.session_id is not null and s.text <> '' and s.is_echo = 0 and s.id <> coalesce((
  select f.id from workflow_said f where f.workflow_run_id = $1 and f.kind = 'prompt' and f.is_echo = 0 order by f.at, f.id limit 1),
  '00000000-0000-0000-0000-000000000000')
on conflict (id) do update set session_id = excluded.session_id, role = excluded.role, text_content = excluded.text_content,
  context = excluded.context, created_at = excluded.created_at, updated_at = excluded.updated_at
where messages.session_id <> excluded.session_id or messages.text_content <> excluded.text_content
  or messages.created_at <> excluded.created_at
