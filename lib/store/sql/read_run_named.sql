-- Runs whose run_id begins with a word: the exact one first, a few of the others. $1 word, $2 the end of its range
select id, run_id, case when run_id = $1 then 1 else 0 end as exact
from workflow_runs
where run_id >= $1 and run_id < $2
order by run_id
limit 6
