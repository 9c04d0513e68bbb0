-- Where the diff of a run should lead: its last commit, or while it runs the latest one that it was on. $1 run
update workflow_runs set diff_wanted = case
  when completed_at is not null then coalesce(final_commit_hash, '')
  else (select m.new_hash from workflow_movements m
    where m.workflow_run_id = $1 and m.new_hash not like '0000000000000000000000000000000000000000%'
    order by m.moved_at desc, m.position desc, m.id limit 1) end
where id = $1
