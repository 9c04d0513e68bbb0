-- $1 session, $2 name, $3 created_at
update sessions set name = $2, created_at = $3 where id = $1 and platform = 'runwake'
