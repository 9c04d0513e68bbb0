-- The latest state of a run that is not later. $1 run, $2 at
select id from workflow_edits where workflow_run_id = $1 and at <= $2 order by at desc, id desc limit 1
