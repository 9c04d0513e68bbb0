-- $1 run
update workflow_runs set diff_stale = case
  when repository_id is null or diff_wanted is null then 0
  when diff_at is null or diff_from <> coalesce(initial_commit_hash, '') or diff_to <> diff_wanted then 1
  else 0 end
where id = $1
