-- What was said in a run and is no message: of a run without a session, its first prompt, what an agent tells again of what it
-- was given, and what was blanked. It may be one from when another run was known to have been told so. $1 run
delete from messages where id in (
  select s.id from workflow_said s join workflow_runs r on r.id = s.workflow_run_id
  where r.id = $1 and (r.session_id is null or s.text = '' or s.is_echo = 1 or s.id = (
    select f.id from workflow_said f where f.workflow_run_id = $1 and f.kind = 'prompt' and f.is_echo = 0
    order by f.at, f.id limit 1)))
