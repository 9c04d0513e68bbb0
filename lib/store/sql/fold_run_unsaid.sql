-- What was a message of the session and is none any more: an echo, or what turned out to be the task. $1 run
delete from messages where id in (
  select s.id from workflow_said s where s.workflow_run_id = $1 and (s.is_echo = 1 or s.id = (
    select f.id from workflow_said f where f.workflow_run_id = $1 and f.kind = 'prompt' and f.is_echo = 0
    order by f.at, f.id limit 1))
    and exists (select 1 from workflow_deliveries d where d.workflow_run_id = $1))
