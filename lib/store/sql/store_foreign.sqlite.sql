-- A table of another system in a file that is not ours.
select min(name) from sqlite_master
where type in ('table', 'view') and name in ('workflow_runs', 'workflow_processes', 'sessions', 'messages', 'users')
  and not exists (select 1 from sqlite_master where name = 'runwake_migrations')
