-- Only where: users.id uuid
-- A run's user is a UUID: one whose id is a number cannot be referred to. An e-mail may be that of several.
-- $1 user id or null, $2 e-mail or null
select id from users where id = cast($1 as uuid) or email = $2
order by case when id = cast($1 as uuid) then 0 else 1 end, id limit 1
