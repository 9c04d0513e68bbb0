-- States of a run whose id begins so; two are enough to know. $1 run, $2 beginning, $3 beyond it
select id from workflow_edits
where workflow_run_id = $1 and cast(id as text) collate "C" >= $2 and cast(id as text) collate "C" < $3
order by id limit 2
