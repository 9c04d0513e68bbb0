-- $1 user id or null, $2 e-mail or null
select id from users where id = cast($1 as uuid) or email = $2
order by case when id = cast($1 as uuid) then 0 else 1 end limit 1
