-- The existing table gets the columns of the new, empty one, takes its place and its name. What a column of another type
-- held comes back with the events; numbers and texts that only become wider stay.
do $do$
declare
  existing oid := (select oid from runwake_existing);
  model oid := to_regclass('workflow_runs');
  actions text[] := '{}';
  each record;
begin
  -- What the new shape has its own of, or what would be in its way.
  for each in
    select c.conname, c.contype, pg_get_constraintdef(c.oid) as definition from pg_constraint c
    where c.conrelid = existing and c.contype in ('p', 'u', 'x', 'c')
      and not exists (select 1 from unnest(c.conkey) k join pg_attribute a on a.attrelid = existing and a.attnum = k
        where a.attname not in (select attname from pg_attribute where attrelid = model and attnum > 0))
      and not (c.contype = 'u' and c.conkey = (select array_agg(attnum) from pg_attribute where attrelid = existing and attname = 'run_id'))
    order by c.conname
  loop
    execute format('alter table %s drop constraint %I', cast(existing as regclass), each.conname);
    if each.contype <> 'p' then
      insert into runwake_note (kind, text) values ('dropped', format('constraint %s %s', each.conname, each.definition));
    end if;
  end loop;
  for each in
    select i.indexrelid, x.name, i.indisunique, replace(replace(pg_get_indexdef(i.indexrelid),
      'runwake_aside_' || i.indexrelid, x.name), 'runwake_aside_' || existing, 'workflow_runs') as definition
    from pg_index i join runwake_index x on x.oid = i.indexrelid
    where i.indrelid = existing and not exists (select 1 from pg_constraint where conindid = i.indexrelid and conrelid = existing)
      and (i.indisunique
        or cast(i.indkey as text) = (select cast(attnum as text) from pg_attribute where attrelid = existing and attname = 'run_id')
        or exists (select 1 from pg_class c join pg_am m on m.oid = c.relam
          where c.oid = i.indexrelid and m.amname = 'gin' and exists (
            select 1 from unnest(i.indkey) k join pg_attribute a on a.attrelid = existing and a.attnum = k
            where a.attname in ('git_diff_stats', 'metadata')))
        or i.indpred is null and i.indexprs is null and exists (
          select 1 from pg_index n where n.indrelid = model and n.indpred is null and n.indexprs is null
            and starts_with((select string_agg(a.attname, ',' order by k.place) from unnest(n.indkey) with ordinality as k (attnum, place)
                join pg_attribute a on a.attrelid = model and a.attnum = k.attnum) || ',',
              (select string_agg(a.attname, ',' order by k.place) from unnest(i.indkey) with ordinality as k (attnum, place)
                join pg_attribute a on a.attrelid = existing and a.attnum = k.attnum) || ',')))
    order by x.name collate "C"
  loop
    execute format('drop index %s', cast(each.indexrelid as regclass));
    insert into runwake_note (kind, text) values ('dropped', each.definition);
  end loop;

  for each in
    select n.attname, format_type(n.atttypid, n.atttypmod) as type, n.atttypmod, n.attnotnull, o.attnum is not null as there,
      case when n.attcollation = cast('"C"' as regcollation) then ' collate "C"' else '' end as collation,
      pg_get_expr(d.adbin, d.adrelid) as value,
      format_type(o.atttypid, o.atttypmod) as old_type, t.typcategory, cast(o.atttypid as regtype) as old_base,
      o.atttypid is distinct from n.atttypid or o.atttypmod is distinct from n.atttypmod
        or o.attcollation is distinct from n.attcollation as differs
    from pg_attribute n
    join pg_type t on t.oid = n.atttypid
    left join pg_attrdef d on d.adrelid = model and d.adnum = n.attnum
    left join pg_attribute o on o.attrelid = existing and o.attname = n.attname and not o.attisdropped
    where n.attrelid = model and n.attnum > 0 and not n.attisdropped order by n.attnum
  loop
    if not each.there then
      actions := actions || format('add column %I %s%s%s', each.attname, each.type, each.collation,
        coalesce(' default ' || each.value || case when each.attnotnull then ' not null' else '' end, ''));
      insert into runwake_note (kind, text) values ('added', each.attname);
      continue;
    end if;
    actions := actions || format('alter column %I drop not null', each.attname);
    if each.differs then
      actions := actions || format('alter column %I drop default', each.attname)
        || format('alter column %I type %s%s using %s', each.attname, each.type, each.collation, case
          when each.typcategory = 'S' and each.atttypmod > 4 then format('left(cast(%I as text), %s)', each.attname, each.atttypmod - 4)
          when each.typcategory = 'S' then format('cast(%I as text)', each.attname)
          when each.attname = 'id' then format('cast(md5(cast(%I as text)) as uuid)', each.attname)
          when each.old_base in ('smallint', 'integer') and each.typcategory = 'N' then format('cast(%I as %s)', each.attname, each.type)
          else 'null' end);
      if each.old_type <> each.type then
        insert into runwake_note (kind, text) values ('widened', format('%s: %s, was %s', each.attname, each.type, each.old_type));
      end if;
    end if;
    if each.value is not null then
      actions := actions || format('alter column %I set default %s', each.attname, each.value);
    end if;
  end loop;
  for each in
    select o.attname from pg_attribute o where o.attrelid = existing and o.attnum > 0 and not o.attisdropped and o.attnotnull
      and not o.atthasdef and o.attidentity = '' and o.attgenerated = ''
      and o.attname not in (select attname from pg_attribute where attrelid = model and attnum > 0)
    order by o.attname
  loop
    actions := actions || format('alter column %I drop not null', each.attname);
    insert into runwake_note (kind, text) values ('dropped', format('not null of the column %s, which a run of Runwake does not fill', each.attname));
  end loop;
  execute format('alter table %s %s', cast(existing as regclass), array_to_string(actions, ', '));

  insert into runwake_model (kind, name, columns, definition)
    select 'not null', attname, null, '' from pg_attribute
    where attrelid = model and attnum > 0 and not attisdropped and attnotnull;
  insert into runwake_model (kind, name, columns, definition)
    select case c.contype when 'f' then 'key' when 'c' then 'check' else 'unique' end, c.conname,
      (select string_agg(a.attname, ',' order by k.place) from unnest(c.conkey) with ordinality as k (attnum, place)
        join pg_attribute a on a.attrelid = model and a.attnum = k.attnum),
      pg_get_constraintdef(c.oid)
    from pg_constraint c where c.conrelid = model;
  insert into runwake_model (kind, name, definition)
    select case when indpred is null and indnatts = 1 and indkey[0] = (
        select attnum from pg_attribute where attrelid = model and attname = 'created_at') then 'early index' else 'index' end,
      cast(cast(indexrelid as regclass) as text), pg_get_indexdef(indexrelid) from pg_index i
    where indrelid = model and not exists (select 1 from pg_constraint where conindid = i.indexrelid and conrelid = model);
  insert into runwake_model (kind, name, definition)
    select 'options', '', array_to_string(reloptions, ', ') from pg_class where oid = model and reloptions is not null;
  insert into runwake_model (kind, name, definition, relation)
    select 'referrer', conname, pg_get_constraintdef(oid), cast(cast(conrelid as regclass) as text) from pg_constraint
    where confrelid = model and conrelid <> model and contype = 'f';
  for each in select name, relation from runwake_model where kind = 'referrer' loop
    execute format('alter table %s drop constraint %I', each.relation, each.name);
  end loop;
  execute format('drop table %s', cast(model as regclass));
  execute format('alter table %s rename to workflow_runs', cast(existing as regclass));

  -- Folding finds rows by these. They come before the first update: an index that is made over rows which this transaction
  -- has changed is of no use to it.
  for each in select name, columns, definition from runwake_model where kind = 'unique' loop
    if each.columns = 'run_id' and exists (select 1 from pg_constraint where conrelid = existing and contype = 'u') then
      execute format('alter table workflow_runs rename constraint %I to %I', (
        select conname from pg_constraint where conrelid = existing and contype = 'u'
          and conkey = (select array_agg(attnum) from pg_attribute where attrelid = existing and attname = 'run_id') limit 1), each.name);
    else
      execute format('alter table workflow_runs add constraint %I %s', each.name, each.definition);
    end if;
  end loop;
  for each in select definition from runwake_model where kind = 'early index' loop
    execute each.definition;
  end loop;

  -- An id is a function of the run id: otherwise a later event of the same run would meet a row with another.
  update workflow_runs r set id = i.id, run_id = i.run_id from runwake_import i
  where i.source = 'workflow_runs' and r.run_id = i.old_run_id;
end
$do$
