-- Only where: users.id uuid
-- People that runs belong to, in the order of their ids. $1 from this key on, $2 limit
select id, email, phone_number, user_data, created_at, updated_at
from users t
where id >= $1
  and exists (select 1 from workflow_runs r where r.user_id = t.id)
order by id limit $2
