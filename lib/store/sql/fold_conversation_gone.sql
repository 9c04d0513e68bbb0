-- A session that its last run was told to be of another one. $1 session
delete from workflow_conversations
where session_id = $1 and not exists (select 1 from workflow_runs r where r.session_id = workflow_conversations.session_id)
