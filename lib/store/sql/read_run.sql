-- One run, as it is shown. $1 id
select
-- include run_columns
from workflow_runs
where id = $1
