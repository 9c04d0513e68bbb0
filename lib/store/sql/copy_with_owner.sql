-- Those of the runs that belong to a session or a user. $1 a list of runs
select id, start_event_id, session_id, user_id from workflow_runs
where id in (select value from json_each($1)) and (session_id is not null or user_id is not null)
