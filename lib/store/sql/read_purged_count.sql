-- How many runs are purged.
select count(*) from workflow_runs where purged_at is not null
