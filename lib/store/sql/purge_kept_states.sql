-- How many of a run's states have kept contents, and how many bytes these are. $1 run
select count(*), coalesce(sum(kept_bytes), 0) from workflow_edits
where workflow_run_id = $1 and (kept_old is not null or kept_new is not null)
