select count(*) from workflow_processes
