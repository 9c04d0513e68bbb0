-- Only where: users.id uuid
-- Those of the users that are there. $1 a list of users
select id from users where id in (select cast(value as uuid) from jsonb_array_elements_text(cast($1 as jsonb)) as l (value))
