-- Bytes of contents that are kept of a run's edits. $1 run
select coalesce(sum(kept_bytes), 0) from workflow_edits where workflow_run_id = $1
