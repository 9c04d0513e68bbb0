-- What the surrounding system's table may leave out, another's may not.
-- Conversations that runs belong to, in the order of their ids: what the table has in every surrounding system, and is not
-- decided: when one of ours was last at work is (a trigger of theirs may say otherwise). $1 from this key on, $2 limit
select id, name, platform, coalesce(metadata, '{}') as metadata, coalesce(created_at, updated_at, '1970-01-01T00:00:00.000000Z') as created_at,
  case when platform = 'runwake' then created_at else coalesce(updated_at, created_at, '1970-01-01T00:00:00.000000Z') end as updated_at, run_finished_at
from sessions t
where id >= $1
  and exists (select 1 from workflow_runs r where r.session_id = t.id)
order by id limit $2
