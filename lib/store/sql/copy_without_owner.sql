-- Runs that were told to belong to a session and to a user, or may have been, and now belong to none. $1 after which id, $2 limit
select id, start_event_id, session_id, user_id from workflow_runs
where id > $1 and (session_id is null or user_id is null) and (start_event_id is not null or imported)
order by id limit $2
