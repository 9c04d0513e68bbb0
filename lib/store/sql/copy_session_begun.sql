-- How a session of ours began. $1 session
select name, created_at from sessions where id = $1 and platform = 'runwake'
