-- What PostgreSQL would refuse, or hide rows by, and what helps: told beforehand, by name. The model of a new, empty table is there
-- under pg_temp if there are runs. $1 the existing workflow_runs, or null; $2 the existing workflow_processes, or null
with recursive tables as (
  select cast($1 as oid) as runs, cast($2 as oid) as processes, cast(to_regclass('pg_temp.workflow_runs') as oid) as model),
views as (
  select r.ev_class as oid from tables, pg_depend d join pg_rewrite r on r.oid = d.objid
  where d.classid = cast('pg_rewrite' as regclass) and d.refclassid = cast('pg_class' as regclass)
    and d.refobjid = runs and r.ev_class <> runs
  union
  select r.ev_class from views v
  join pg_depend d on d.refclassid = cast('pg_class' as regclass) and d.refobjid = v.oid
    and d.classid = cast('pg_rewrite' as regclass)
  join pg_rewrite r on r.oid = d.objid and r.ev_class <> v.oid),
changing as (
  select o.attnum from tables, pg_attribute o join pg_attribute n on n.attname = o.attname
  where o.attrelid = runs and n.attrelid = model and n.attnum > 0 and not n.attisdropped
    and (o.atttypid <> n.atttypid or o.atttypmod <> n.atttypmod or o.attcollation <> n.attcollation)),
-- What depends on the process table and does not go with it.
hangers as (
  select distinct case when d.classid = cast('pg_rewrite' as regclass) then cast('pg_class' as regclass) else d.classid end as classid,
    coalesce((select ev_class from pg_rewrite where d.classid = cast('pg_rewrite' as regclass) and oid = d.objid), d.objid) as objid
  from tables, pg_depend d
  where d.deptype = 'n' and (d.refclassid = cast('pg_class' as regclass) and d.refobjid = processes
      or d.refclassid = cast('pg_type' as regclass) and d.refobjid = (select reltype from pg_class where oid = processes))
    and not exists (select 1 from pg_constraint where d.classid = cast('pg_constraint' as regclass) and oid = d.objid
      and conrelid = processes)
    and not exists (select 1 from pg_trigger where d.classid = cast('pg_trigger' as regclass) and oid = d.objid
      and (tgrelid = processes or tgisinternal))
    and not exists (select 1 from pg_policy where d.classid = cast('pg_policy' as regclass) and oid = d.objid
      and polrelid = processes)
    and not exists (select 1 from pg_rewrite where d.classid = cast('pg_rewrite' as regclass) and oid = d.objid
      and ev_class = processes)
    and not exists (select 1 from pg_attrdef where d.classid = cast('pg_attrdef' as regclass) and oid = d.objid
      and adrelid = processes)
    and not exists (select 1 from pg_index where d.classid = cast('pg_class' as regclass) and indexrelid = d.objid
      and indrelid = processes))
select problem, mend from (
  select 1 as part, format('row-level security hides rows of %s from %s', c.relname, current_user) as problem,
    format('alter table %s no force row level security', c.relname) as mend
  from tables, pg_class c where c.oid in (runs, processes) and row_security_active(c.oid)
  union all
  select 2, format('the view %s reads workflow_runs, and cannot be made anew (it is materialized, or has triggers or rules)',
    cast(c.oid as regclass)), 'drop it, migrate, and make it again'
  from views v join pg_class c on c.oid = v.oid
  where c.relkind <> 'v' or exists (select 1 from pg_trigger where tgrelid = c.oid)
    or exists (select 1 from pg_rewrite where ev_class = c.oid and rulename <> '_RETURN')
  union all
  select 3, format('the view %s reads workflow_runs, and belongs to %s, who may not create it in its schema or is not %s',
      cast(c.oid as regclass), pg_get_userbyid(c.relowner), current_user),
    format('let its owner be one who may, or drop it, migrate, and make it again')
  from views v join pg_class c on c.oid = v.oid
  where not pg_has_role(c.relowner, 'usage') or not has_schema_privilege(c.relowner, c.relnamespace, 'create')
  union all
  select 4, format('%s depends on the view %s, which reads workflow_runs and must be made anew',
    pg_describe_object(d.classid, d.objid, d.objsubid), cast(c.oid as regclass)), 'drop it, migrate, and make it again'
  from views v join pg_class c on c.oid = v.oid
  join pg_depend d on d.deptype = 'n' and d.classid <> cast('pg_rewrite' as regclass)
    and (d.refclassid = cast('pg_class' as regclass) and d.refobjid = c.oid
      or d.refclassid = cast('pg_type' as regclass) and d.refobjid = c.reltype)
  union all
  select 5, format('%s depends on a column of workflow_runs whose type changes', pg_describe_object(d.classid, d.objid, d.objsubid)),
    'drop it, migrate, and make it again'
  from tables, pg_depend d join changing n on n.attnum = d.refobjsubid
  where d.refclassid = cast('pg_class' as regclass) and d.refobjid = runs and (
    d.classid in (cast('pg_trigger' as regclass), cast('pg_policy' as regclass), cast('pg_proc' as regclass),
      cast('pg_publication_rel' as regclass))
    or exists (select 1 from pg_attrdef where d.classid = cast('pg_attrdef' as regclass) and oid = d.objid
      and adnum <> d.refobjsubid)
    or exists (select 1 from pg_rewrite where d.classid = cast('pg_rewrite' as regclass) and oid = d.objid and ev_class = runs))
  union all
  select 6, format('%s depends on workflow_processes, which goes', pg_describe_object(classid, objid, 0)),
    'drop it, and migrate again'
  from hangers) told
order by part, problem limit 1
