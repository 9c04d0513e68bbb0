-- The database that this store is fed to, and whether anything waits for it.
select url, failures, next_at, problem, exists (select 1 from workflow_unfed where refused is null) from workflow_feeds limit 1
