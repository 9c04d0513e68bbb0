-- What there is of an existing system, and whether it may be altered. Nulls where there is nothing.
select r.kind, r.schema, current_schema(), r.owner, r.mine, r.run_id_type,
  (select cast(c.conrelid as regclass) from pg_constraint c where c.confrelid = r.oid and c.contype = 'f'
    and c.confkey <> (select array_agg(attnum) from pg_attribute where attrelid = r.oid and attname = 'run_id') limit 1),
  p.kind, p.owner, p.mine, p.run_id_type, s.id_type, s.about, u.id_type, u.about, m.about,
  cast(r.oid as bigint), cast(p.oid as bigint)
from (values ('workflow_runs')) as one (name)
left join (
  select c.oid, cast(c.relkind as text) as kind, n.nspname as schema, pg_get_userbyid(c.relowner) as owner,
    pg_has_role(c.relowner, 'usage') as mine,
    (select format_type(atttypid, atttypmod) from pg_attribute where attrelid = c.oid and attname = 'run_id') as run_id_type
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.oid = to_regclass('workflow_runs')) r on true
left join (
  select c.oid, cast(c.relkind as text) as kind, pg_get_userbyid(c.relowner) as owner, pg_has_role(c.relowner, 'usage') as mine,
    (select format_type(atttypid, atttypmod) from pg_attribute where attrelid = c.oid and attname = 'run_id') as run_id_type
  from pg_class c where c.oid = to_regclass('workflow_processes')) p on true
left join (
  select (select format_type(atttypid, atttypmod) from pg_attribute where attrelid = c.oid and attname = 'id') as id_type,
    greatest(cast(c.reltuples as bigint), pg_stat_get_live_tuples(c.oid)) as about
  from pg_class c where c.oid = to_regclass('sessions')) s on true
left join (
  select (select format_type(atttypid, atttypmod) from pg_attribute where attrelid = c.oid and attname = 'id') as id_type,
    greatest(cast(c.reltuples as bigint), pg_stat_get_live_tuples(c.oid)) as about
  from pg_class c where c.oid = to_regclass('users')) u on true
left join (
  select greatest(cast(c.reltuples as bigint), pg_stat_get_live_tuples(c.oid)) as about from pg_class c where c.oid = to_regclass('messages')) m on true
