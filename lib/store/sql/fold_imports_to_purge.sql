-- What imports told of a run. $1 run
select event_id, data from workflow_imports where workflow_run_id = $1
