-- The newest run.
select id from workflow_runs order by created_at desc, id desc limit 1
