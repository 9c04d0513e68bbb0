-- Only where: users.id uuid
-- Those of the users that are there. $1 a list of users
select id from users where id in (select value from json_each($1))
