-- The existing workflow_runs goes out of the way of a new, empty one: views on it are kept as text, since a column's type
-- cannot change under a view; triggers rest, since what they would write is not what happened; names of indexes are
-- given back later.
do $do$
declare
  existing oid := to_regclass('workflow_runs');
  each record;
begin
  insert into runwake_existing values (existing);

  for each in
    with recursive views as (
      select r.ev_class as oid, 1 as depth from pg_depend d join pg_rewrite r on r.oid = d.objid
      where d.classid = cast('pg_rewrite' as regclass) and d.refclassid = cast('pg_class' as regclass)
        and d.refobjid = existing and r.ev_class <> existing
      union
      select r.ev_class, v.depth + 1 from views v
      join pg_depend d on d.refclassid = cast('pg_class' as regclass) and d.refobjid = v.oid
        and d.classid = cast('pg_rewrite' as regclass)
      join pg_rewrite r on r.oid = d.objid and r.ev_class <> v.oid)
    select c.oid, c.relowner, c.reloptions, c.relacl, cast(cast(c.oid as regclass) as text) as name,
      max(v.depth) as depth
    from views v join pg_class c on c.oid = v.oid group by c.oid order by max(v.depth) desc
  loop
    insert into runwake_view values (each.name, pg_get_viewdef(each.oid), array_to_string(each.reloptions, ', '),
      pg_get_userbyid(each.relowner), obj_description(each.oid, 'pg_class'),
      (select array_agg(statement) from (
        select format('grant %s on %s to %s%s', privilege_type, each.name,
          case when grantee = 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end,
          case when is_grantable then ' with grant option' else '' end) as statement
        from aclexplode(each.relacl)
        union all
        select format('grant %s (%I) on %s to %s%s', privilege_type, attname, each.name,
          case when grantee = 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end,
          case when is_grantable then ' with grant option' else '' end)
        from pg_attribute, aclexplode(attacl) where attrelid = each.oid
        union all
        select format('comment on column %s.%I is %L', each.name, attname, col_description(each.oid, attnum))
        from pg_attribute where attrelid = each.oid and col_description(each.oid, attnum) is not null
        union all
        select format('alter view %s alter column %I set default %s', each.name, attname, pg_get_expr(adbin, adrelid))
        from pg_attrdef join pg_attribute on attrelid = adrelid and attnum = adnum where adrelid = each.oid) s),
      each.depth);
    execute format('drop view %s', each.name);
  end loop;

  -- When a run was last changed is ours to decide: a trigger that does no more than to set it to now goes.
  for each in select t.tgname, pg_get_triggerdef(t.oid) as definition from pg_trigger t join pg_proc p on p.oid = t.tgfoid
    where t.tgrelid = existing and not t.tgisinternal and p.prosrc ~*
      '^\s*begin\s+new\.updated_at\s*:?=\s*(now\(\)|current_timestamp)\s*;\s*return\s+new\s*;\s*end\s*;?\s*$'
    order by t.tgname
  loop
    execute format('drop trigger %I on %s', each.tgname, cast(existing as regclass));
    insert into runwake_note (kind, text) values ('dropped', each.definition);
  end loop;

  for each in select tgname, tgenabled from pg_trigger where tgrelid = existing and not tgisinternal and tgenabled <> 'D' loop
    insert into runwake_trigger values (each.tgname, each.tgenabled);
    execute format('alter table %s disable trigger %I', cast(existing as regclass), each.tgname);
  end loop;

  for each in
    select c.oid, c.relname, n.nspname from pg_index i join pg_class c on c.oid = i.indexrelid
    join pg_namespace n on n.oid = c.relnamespace where i.indrelid = existing
  loop
    insert into runwake_index values (each.oid, each.relname);
    execute format('alter index %I.%I rename to %I', each.nspname, each.relname, 'runwake_aside_' || each.oid);
  end loop;
  execute format('alter table %s rename to %I', cast(existing as regclass), 'runwake_aside_' || existing);
end
$do$
