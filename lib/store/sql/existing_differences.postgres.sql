-- What existing_shape will tell of its work, in that order. The model of a new, empty table is there under pg_temp.
-- $1 the existing workflow_runs
with tables as (
  select cast($1 as oid) as existing, cast(to_regclass('pg_temp.workflow_runs') as oid) as model),
ours as (
  select a.* from tables, pg_attribute a where a.attrelid = model and a.attnum > 0 and not a.attisdropped),
theirs as (
  select a.* from tables, pg_attribute a where a.attrelid = existing and a.attnum > 0 and not a.attisdropped),
indexes as (
  select i.*, (select string_agg(a.attname, ',' order by k.place) from unnest(i.indkey) with ordinality as k (attnum, place)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum) || ',' as columns
  from pg_index i)
select kind, text from (
  select 1 as part, c.conname as name, 'dropped' as kind, format('constraint %s %s', c.conname, pg_get_constraintdef(c.oid)) as text
  from tables, pg_constraint c
  where c.conrelid = existing and c.contype in ('u', 'x', 'c')
    and not exists (select 1 from unnest(c.conkey) k join theirs a on a.attnum = k
      where a.attname not in (select attname from ours))
    and not (c.contype = 'u' and c.conkey = (select array_agg(attnum) from theirs where attname = 'run_id'))
  union all
  select 2, (select relname from pg_class where oid = i.indexrelid), 'dropped', pg_get_indexdef(i.indexrelid)
  from tables, indexes i
  where i.indrelid = existing and not exists (select 1 from pg_constraint where conindid = i.indexrelid and conrelid = existing)
    and (i.indisunique
      or cast(i.indkey as text) = (select cast(attnum as text) from theirs where attname = 'run_id')
      or exists (select 1 from pg_class c join pg_am m on m.oid = c.relam
        where c.oid = i.indexrelid and m.amname = 'gin' and exists (
          select 1 from unnest(i.indkey) k join theirs a on a.attnum = k where a.attname in ('git_diff_stats', 'metadata')))
      or i.indpred is null and i.indexprs is null and exists (
        select 1 from indexes n where n.indrelid = model and n.indpred is null and n.indexprs is null
          and starts_with(n.columns, i.columns)))
  union all
  select 3, lpad(cast(n.attnum as text), 5, '0'), case when o.attnum is null then 'added' else 'widened' end,
    case when o.attnum is null then n.attname else format('%s: %s, was %s', n.attname, format_type(n.atttypid, n.atttypmod),
      format_type(o.atttypid, o.atttypmod)) end
  from ours n left join theirs o on o.attname = n.attname
  where o.attnum is null or format_type(o.atttypid, o.atttypmod) <> format_type(n.atttypid, n.atttypmod)
  union all
  select 4, o.attname, 'dropped', format('not null of the column %s, which a run of Runwake does not fill', o.attname)
  from theirs o
  where o.attnotnull and not o.atthasdef and o.attidentity = '' and o.attgenerated = ''
    and o.attname not in (select attname from ours)
  union all
  select 0, t.tgname, 'dropped', pg_get_triggerdef(t.oid)
  from tables, pg_trigger t join pg_proc p on p.oid = t.tgfoid
  where t.tgrelid = existing and not t.tgisinternal and p.prosrc ~*
    '^\s*begin\s+new\.updated_at\s*:?=\s*(now\(\)|current_timestamp)\s*;\s*return\s+new\s*;\s*end\s*;?\s*$') told
order by part, name collate "C"
