-- What the role in use may do with the tables that every recording writes, or needs: a table's name, then select, insert, update,
-- delete, and the role's name. A right on one column counts: a machine has no others.
select c.relname, has_any_column_privilege(c.oid, 'select'), has_any_column_privilege(c.oid, 'insert'),
  has_any_column_privilege(c.oid, 'update'), has_table_privilege(c.oid, 'delete'), current_user
from pg_class c
where c.relnamespace = (select n.oid from pg_namespace n where n.nspname = current_schema())
  and c.relname in ('workflow_events', 'workflow_runs', 'workflow_movements', 'workflow_commits', 'workflow_edits',
    'workflow_run_files', 'workflow_pushes', 'workflow_days', 'workflow_worktrees', 'workflow_repositories', 'runwake_migrations',
    'sessions', 'messages', 'users')
order by c.relname
