-- States of a run whose id begins so; two are enough to know. $1 run, $2 beginning, $3 beyond it
select id from workflow_edits where id >= $2 and id < $3 and workflow_run_id = $1 order by id limit 2
