-- Those of the sessions that the surrounding system made. $1 a list of sessions
select id from sessions where id in (select cast(value as uuid) from jsonb_array_elements_text(cast($1 as jsonb)) as l (value)) and (platform is null or platform <> 'runwake')
