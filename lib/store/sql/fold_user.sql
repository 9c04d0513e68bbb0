-- An e-mail may be that of several. $1 user id or null, $2 e-mail or null
select id from users where id = $1 or email = $2 order by case when id = $1 then 0 else 1 end, id limit 1
