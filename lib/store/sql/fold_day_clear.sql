-- $1 day
delete from workflow_days where day = $1
