-- $1 run
update workflow_runs set diff_stale = case
  when repository_id is null or diff_wanted is null then false
  when diff_at is null or diff_from <> coalesce(initial_commit_hash, '') or diff_to <> diff_wanted then true
  else false end
where id = $1
