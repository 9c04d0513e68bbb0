-- Is there a purged run?
select 1 from workflow_runs where purged_at is not null limit 1
