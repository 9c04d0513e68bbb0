-- The tables of the surrounding system, and what may be done with them; null where one is not there. That the ledger is
-- there tells that ours were made: another system may have a workflow_runs.
select w.name, c.relkind in ('r', 'p'), n.nspname, coalesce(current_schema(), ''),
  exists (select 1 from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
    where i.indrelid = c.oid and a.attname = 'id' and i.indisunique and i.indisvalid and i.indimmediate
      and i.indnkeyatts = 1 and i.indpred is null),
  current_user, pg_get_userbyid(c.relowner), pg_has_role(c.relowner, 'usage'),
  has_table_privilege(c.oid, 'delete'), has_table_privilege(c.oid, 'references'),
  to_regclass('workflow_events') is not null
from (values ('messages'), ('sessions'), ('users')) as w (name)
left join pg_class c on c.oid = to_regclass(w.name)
left join pg_namespace n on n.oid = c.relnamespace
order by w.name
