-- Sessions whose id begins so. $1 the least such id, $2 the greatest
select id, name from sessions where id >= $1 and id <= $2 order by id limit 3
