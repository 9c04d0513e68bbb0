-- What is on the tables of the ledger's schema that may refuse a row: a table, what it is, its name, the columns that it is about
-- (a JSON list; null: it may be any), and whether it fills itself in. Which of it is ours is known elsewhere. Nothing is there
-- before the first migration.
with tables as (
  select c.oid, c.relname from pg_class c
  where c.relnamespace = (select e.relnamespace from pg_class e where e.oid = to_regclass('workflow_events'))
    and exists (select 1 from pg_class m where m.oid = to_regclass('runwake_migrations'))
    and c.relkind in ('r', 'p') and not c.relispartition and c.relname like 'workflow\_%')
select relname, kind, name, columns, is_filled from (
  select t.relname, 'column' as kind, cast(a.attname as text) as name, jsonb_build_array(a.attname) as columns,
    a.atthasdef or a.attidentity <> '' as is_filled
  from tables t join pg_attribute a on a.attrelid = t.oid
  where a.attnum > 0 and not a.attisdropped and a.attnotnull
  union all
  select t.relname, case when k.contype in ('p', 'u', 'x') then 'unique constraint' else 'constraint' end, k.conname, (select jsonb_agg(a.attname) from pg_attribute a
      where a.attrelid = t.oid and a.attnum = any (k.conkey)), false
  from tables t join pg_constraint k on k.conrelid = t.oid
  where k.contype in ('c', 'f', 'p', 'u', 'x')
  union all
  select t.relname, 'unique index', i.relname, (select jsonb_agg(a.attname) from pg_attribute a
      where a.attrelid = t.oid and a.attnum = any (x.indkey)), false
  from tables t join pg_index x on x.indrelid = t.oid join pg_class i on i.oid = x.indexrelid
  where x.indisunique and not exists (select 1 from pg_constraint k where k.conindid = x.indexrelid)
  union all
  select t.relname, 'trigger', g.tgname, null, false
  from tables t join pg_trigger g on g.tgrelid = t.oid
  where not g.tgisinternal and g.tgenabled in ('O', 'A')
  union all
  select t.relname, 'security', cast(current_user as text), null, false
  from tables t where t.relname <> 'workflow_events' and row_security_active(t.oid)) found
order by relname collate "C", kind, name collate "C"
