-- The rows are whole: what the new, empty table had is made on them, and what rested takes its place again.
do $do$
declare
  existing oid := (select oid from runwake_existing);
  each record;
  statement text;
begin
  for each in select name from runwake_model where kind = 'not null' loop
    execute format('alter table workflow_runs alter column %I set not null', each.name);
  end loop;
  for each in select name, columns, definition from runwake_model where kind = 'check' order by place loop
    execute format('alter table workflow_runs add constraint %I %s', each.name, each.definition);
  end loop;
  for each in select definition from runwake_model where kind = 'options' loop
    execute format('alter table workflow_runs set (%s)', each.definition);
  end loop;
  for each in select definition from runwake_model where kind = 'index' order by place loop
    execute each.definition;
  end loop;

  for each in select name, columns, definition from runwake_model where kind = 'key' order by place loop
    continue when exists (
      select 1 from pg_constraint c where c.conrelid = existing and c.contype = 'f' and each.columns = (
        select string_agg(a.attname, ',' order by k.place) from unnest(c.conkey) with ordinality as k (attnum, place)
        join pg_attribute a on a.attrelid = existing and a.attnum = k.attnum));
    execute format('alter table workflow_runs add constraint %I %s not valid', each.name, each.definition);
    begin
      execute format('alter table workflow_runs validate constraint %I', each.name);
      insert into runwake_note (kind, text) values ('key', each.name);
    exception when foreign_key_violation then
      insert into runwake_note (kind, text) values ('unchecked key', each.name);
    end;
  end loop;
  for each in select name, definition, relation from runwake_model where kind = 'referrer' order by place loop
    execute format('alter table %s add constraint %I %s', each.relation, each.name, each.definition);
  end loop;

  -- One whose column changed its type was made anew, by another number.
  for each in select x.name, n.nspname, c.relname from runwake_index x join pg_class c on c.relname = 'runwake_aside_' || x.oid
    join pg_index i on i.indexrelid = c.oid join pg_namespace n on n.oid = c.relnamespace where i.indrelid = existing
  loop
    execute format('alter index %I.%I rename to %I', each.nspname, each.relname,
      case when to_regclass(quote_ident(each.nspname) || '.' || quote_ident(each.name)) is null then each.name
        else left(each.name, 50) || '_existing' end);
  end loop;
  for each in select name, enabled from runwake_trigger loop
    execute format('alter table workflow_runs enable %s trigger %I',
      case each.enabled when 'R' then 'replica' when 'A' then 'always' else '' end, each.name);
  end loop;
  for each in select * from runwake_view order by depth loop
    execute format('create view %s%s as %s', each.name, coalesce(' with (' || each.options || ')', ''), each.definition);
    execute format('alter view %s owner to %I', each.name, each.owner);
    if each.comment is not null then
      execute format('comment on view %s is %L', each.name, each.comment);
    end if;
    foreach statement in array coalesce(each.statements, '{}') loop
      execute statement;
    end loop;
  end loop;
end
$do$
