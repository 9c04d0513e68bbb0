-- What was read, what of it has no run now, and all runs.
select (select count(*) from runwake_import where source = 'workflow_runs'),
  (select count(*) from runwake_import where source = 'workflow_processes'),
  (select count(*) from runwake_import i
    where not exists (select 1 from workflow_runs r where r.id = i.id and r.run_id = i.run_id)),
  (select count(*) from workflow_runs)
