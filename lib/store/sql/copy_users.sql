-- Only where: users.id uuid
-- What the surrounding system's table may leave out, another's may not.
-- People that runs belong to, in the order of their ids. $1 from this key on, $2 limit
select id, email, phone_number, coalesce(user_data, '{}') as user_data, coalesce(created_at, updated_at, '1970-01-01T00:00:00.000000Z') as created_at,
  coalesce(updated_at, created_at, '1970-01-01T00:00:00.000000Z') as updated_at
from users t
where id >= $1
  and exists (select 1 from workflow_runs r where r.user_id = t.id)
order by id limit $2
