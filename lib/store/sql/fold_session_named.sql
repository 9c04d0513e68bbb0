-- A name is not unique: the most recently updated session of that name. $1 name
select id from sessions where name = $1 order by updated_at desc nulls last, id limit 1
