-- $1 id
delete from messages where id = $1
