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
    select c.oid, c.relkind, c.relowner, c.reloptions, c.relacl, cast(cast(c.oid as regclass) as text) as name,
      max(v.depth) as depth
    from views v join pg_class c on c.oid = v.oid group by c.oid order by max(v.depth) desc
  loop
    if each.relkind <> 'v' or exists (select 1 from pg_trigger where tgrelid = each.oid) then
      raise exception 'the view % reads workflow_runs and cannot be made anew by Runwake (it is materialized or has triggers): drop it, migrate, and make it again', each.name;
    end if;
    insert into runwake_view values (each.name, pg_get_viewdef(each.oid), array_to_string(each.reloptions, ', '),
      pg_get_userbyid(each.relowner), obj_description(each.oid, 'pg_class'),
      (select array_agg(format('grant %s on %s to %s%s', privilege_type, each.name,
          case when grantee = 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end,
          case when is_grantable then ' with grant option' else '' end))
        from aclexplode(each.relacl)),
      each.depth);
    execute format('drop view %s', each.name);
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
