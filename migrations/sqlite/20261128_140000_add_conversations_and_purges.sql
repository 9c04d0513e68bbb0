-- Runwake's schema for SQLite: conversations, and runs whose texts were removed.

-- One row for each conversation that runs belong to: what a list of them is ordered and chosen by. sessions is the surrounding
-- system's table, and an index on its times would cost each of its changes an entry.
create table workflow_conversations (
  session_id text primary key,
  last_at text not null,  -- when its runs were last changed, or something was said in one
  runs integer not null,
  latest_run_id text not null,
  cost_estimate integer not null,  -- what is known of it
  unread integer not null  -- interventions that no agent has been given yet
) without rowid;
create index workflow_conversations_by_activity on workflow_conversations (last_at desc, session_id desc);
create index workflow_conversations_unread on workflow_conversations (last_at desc, session_id desc) where unread > 0;
create index workflow_said_by_people on workflow_said (workflow_run_id) where kind = 'say';
create index workflow_runs_by_session_end on workflow_runs (session_id, completed_at desc) where completed_at is not null;

insert into workflow_conversations (session_id, last_at, runs, latest_run_id, cost_estimate, unread)
select w.session_id, case when w.said_at > w.updated_at then w.said_at else w.updated_at end, w.runs,
  (select id from workflow_runs where session_id = w.session_id order by created_at desc, id desc limit 1), w.cost, w.unread
from (
  select r.session_id as session_id, count(*) as runs, max(r.updated_at) as updated_at, coalesce(sum(r.cost_estimate), 0) as cost,
    max((select max(s.at) from workflow_said s where s.workflow_run_id = r.id)) as said_at,
    sum((select count(*) from workflow_said s where s.workflow_run_id = r.id and s.kind = 'say')) as unread
  from workflow_runs r where r.session_id is not null
  group by r.session_id) w;

-- When it was first asked that what was said in a run be forgotten: from then on nothing brings it back.
alter table workflow_runs add column purged_at text;
create index workflow_runs_purged on workflow_runs (id) where purged_at is not null;
