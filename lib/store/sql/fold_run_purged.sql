-- What was said goes from a run's row; what is decided from it is decided again. $1 run, $2 at
update workflow_runs set purged_at = case when purged_at < $2 then purged_at else $2 end, start_task = '', metadata = '{}',
  end_result = null, end_error = null
where id = $1
