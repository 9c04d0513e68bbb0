-- Runs that tell of an answer that this one tells of too. $1 run
select distinct other.workflow_run_id
from workflow_usage mine join workflow_usage other on other.response_id = mine.response_id
where mine.workflow_run_id = $1 and other.workflow_run_id <> $1
