-- Runs, newest first, and nothing else is asked: then a plan that is made once, without values, serves every time, and planning took
-- a quarter of the whole. A page's limit stands inside as a number, or such a plan takes a tenth of all runs to be wanted, and
-- another index for cheaper. $1 since, $2 limit, $3 and $4 time and id of the run before the first
select
-- include run_columns
from (
  select
-- include run_columns
  from workflow_runs
  where created_at >= $1 and (created_at, id) < ($3, $4)
  order by created_at desc, id desc
  limit 100) r
order by r.created_at desc, r.id desc
limit $2
