-- Announced runs that lived in a worktree during a span; three are enough to know. $1 worktree, $2 from, $3 to
select id from workflow_runs
where worktree_id = $1 and started_at <= $3 and (completed_at is null or completed_at >= $2) and start_event_id is not null
order by id limit 3
