-- What the role in use may do with each of our tables: its name, then select, insert, update, delete, and the role's name.
-- A right on one column counts: a machine has no others.
select c.relname, has_any_column_privilege(c.oid, 'select'), has_any_column_privilege(c.oid, 'insert'),
  has_any_column_privilege(c.oid, 'update'), has_table_privilege(c.oid, 'delete'), current_user
from pg_class c
where c.relnamespace = (select n.oid from pg_namespace n where n.nspname = current_schema())
  and c.relkind in ('r', 'p') and not c.relispartition
  and (c.relname like 'workflow\_%' or c.relname in ('runwake_migrations', 'sessions', 'messages', 'users'))
order by c.relname
