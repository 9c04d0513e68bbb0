-- Which of these runs are purged? $1 a list of runs
select r.id from jsonb_array_elements_text(cast($1 as jsonb)) given (id) join workflow_runs r on r.id = cast(given.id as uuid)
where r.purged_at is not null
