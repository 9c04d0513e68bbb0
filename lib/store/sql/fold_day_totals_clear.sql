-- $1 day
delete from workflow_day_totals where day = $1
