-- Those of the sessions that the surrounding system made. $1 a list of sessions
select id from sessions where id in (select value from json_each($1)) and (platform is null or platform <> 'runwake')
