-- What a conversation amounts to, taken anew from its runs. $1 session
insert into workflow_conversations (session_id, last_at, runs, latest_run_id, cost_estimate, unread)
select w.session_id, case when w.said_at > w.updated_at then w.said_at else w.updated_at end, w.runs,
  (select id from workflow_runs where session_id = w.session_id order by created_at desc, id desc limit 1), w.cost, w.unread
from (
  select r.session_id as session_id, count(*) as runs, max(r.updated_at) as updated_at, coalesce(sum(r.cost_estimate), 0) as cost,
    max((select max(s.at) from workflow_said s where s.workflow_run_id = r.id)) as said_at,
    sum((select count(*) from workflow_said s where s.workflow_run_id = r.id
-- include said_unread
    )) as unread
  from workflow_runs r where r.session_id = $1
  group by r.session_id) w
where w.runs > 0
on conflict (session_id) do update set last_at = excluded.last_at, runs = excluded.runs, latest_run_id = excluded.latest_run_id,
  cost_estimate = excluded.cost_estimate, unread = excluded.unread
