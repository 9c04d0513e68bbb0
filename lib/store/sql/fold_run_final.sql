-- The last commit of an ended run: as its end told; else where its last known movement led (its worktree was gone, or its
-- process died without a word); else where it began,
-- which of a run that was only imported nobody knows. $1 run
update workflow_runs set final_commit_hash = case when completed_at is null then null else coalesce(end_commit_hash, (
  select m.new_hash from workflow_movements m
  where m.workflow_run_id = $1 and m.new_hash not like '0000000000000000000000000000000000000000%'
  order by m.moved_at desc, m.position desc, m.id limit 1), case when imported = true and end_rank = 0 then null else initial_commit_hash end) end
where id = $1
