select count(*) from workflow_runs
