-- Those of the runs that belong to a session or a user. $1 a list of runs
select id, start_event_id, session_id, user_id from workflow_runs
where id in (select cast(value as uuid) from jsonb_array_elements_text(cast($1 as jsonb)) as l (value))
  and (session_id is not null or user_id is not null)
