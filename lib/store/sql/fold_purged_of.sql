-- Which of these runs are purged? $1 a list of runs
select r.id from json_each($1) given join workflow_runs r on r.id = given.value where r.purged_at is not null
