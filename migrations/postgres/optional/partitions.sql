-- The ledger in partitions by month, for teams whose ledger grows large: a month can then be moved or vacuumed by itself. An
-- event's id begins with its time, so PRIMARY KEY (id) stays and an event is there once, whatever its other columns say. Apply
-- it with `runwake db migrate --optional partitions`; again at least once a year, since it makes twelve months ahead.
--   workflow_events_before	whatever is older: the table as it was, and events that are dated back
--   workflow_events_YYYYMM	one month, by UTC
--   workflow_events_default	what lies after the last month: empty, but for what is dated so far ahead, unless months were
--				not made in time; making them moves what is theirs
--   workflow_events_beyond	2100 and later: ids that are no times
-- Nothing is copied but what lies after the present month; the rest is read once while nobody can write.
do $$
declare
  is_plain boolean;
  month timestamp;
  last_month timestamp := date_trunc('month', now() at time zone 'UTC') + interval '12 months';
  made text;
  low uuid;
  high uuid;
  beyond constant uuid := '03bb2cc3-d800-0000-0000-000000000000';  -- 2100-01-01
  old oid;
  found record;
begin
  select relkind = 'r' into strict is_plain from pg_class where oid = cast('workflow_events' as regclass);

  if is_plain then
    lock table workflow_events in access exclusive mode;
    old := cast('workflow_events' as regclass);
    alter table workflow_events rename to workflow_events_before;
    for found in select i.relname from pg_index x join pg_class i on i.oid = x.indexrelid where x.indrelid = old loop
      execute format('alter index %I rename to %I', found.relname,
        left(replace(found.relname, 'workflow_events', 'workflow_events_before'), 63));
    end loop;
    create table workflow_events (like workflow_events_before including defaults including storage including comments)
      partition by range (id);
    alter table workflow_events add primary key (id);
    create index workflow_events_by_run on workflow_events (workflow_run_id, id) where workflow_run_id is not null;
    create index workflow_events_unfolded on workflow_events (id) where folded_at is null and set_aside is null;
    create index workflow_events_set_aside on workflow_events (id) where set_aside is not null;

    -- Whose it is, and what was granted to whom, by the table and by its columns, stays.
    execute format('alter table workflow_events owner to %I', (select pg_get_userbyid(relowner) from pg_class where oid = old));
    for found in
      select a.privilege_type, a.grantee, a.is_grantable, null as attname
      from pg_class c, aclexplode(c.relacl) a where c.oid = old
      union all
      select a.privilege_type, a.grantee, a.is_grantable, t.attname
      from pg_attribute t, aclexplode(t.attacl) a where t.attrelid = old and not t.attisdropped
    loop
      execute format('grant %s %s on workflow_events to %s %s', found.privilege_type,
        case when found.attname is null then '' else format('(%I)', found.attname) end,
        case when found.grantee = 0 then 'public' else format('%I', pg_get_userbyid(found.grantee)) end,
        case when found.is_grantable then 'with grant option' else '' end);
    end loop;
    if (select relrowsecurity from pg_class where oid = old) then
      alter table workflow_events enable row level security;
    end if;
    for found in select * from pg_policies where schemaname = current_schema() and tablename = 'workflow_events_before' loop
      execute format('create policy %I on workflow_events as %s for %s to %s %s %s', found.policyname, found.permissive,
        found.cmd, (select string_agg(case r when 'public' then 'public' else quote_ident(r) end, ', ') from unnest(found.roles) r),
        case when found.qual is null then '' else format('using (%s)', found.qual) end,
        case when found.with_check is null then '' else format('with check (%s)', found.with_check) end);
    end loop;
    create table workflow_events_default partition of workflow_events default;
    execute format('create table workflow_events_beyond partition of workflow_events for values from (%L) to (maxvalue)', beyond);
  end if;

  lock table workflow_events_default in access exclusive mode;
  select max(right(c.relname, 6)) into made
  from pg_inherits h join pg_class c on c.oid = h.inhrelid
  where h.inhparent = cast('workflow_events' as regclass) and c.relname ~ '^workflow_events_[0-9]{6}$';
  month := coalesce(to_date(made, 'YYYYMM'), date_trunc('month', now() at time zone 'UTC')) + interval '1 month';
  low := cast(lpad(to_hex(cast(extract(epoch from month) * 1000 as bigint)), 12, '0') || repeat('0', 20) as uuid);

  if is_plain then
    with gone as (delete from workflow_events_before where id >= low returning *)
    insert into workflow_events select * from gone;
    execute format('alter table workflow_events attach partition workflow_events_before for values from (minvalue) to (%L)', low);
  end if;

  while month <= last_month loop
    made := 'workflow_events_' || to_char(month, 'YYYYMM');
    month := month + interval '1 month';
    high := cast(lpad(to_hex(cast(extract(epoch from month) * 1000 as bigint)), 12, '0') || repeat('0', 20) as uuid);
    execute format('create table %I (like workflow_events including defaults including storage)', made);
    execute format('with gone as (delete from workflow_events_default where id >= %L and id < %L returning *)
      insert into %I select * from gone', low, high, made);
    execute format('alter table workflow_events attach partition %I for values from (%L) to (%L)', made, low, high);
    low := high;
  end loop;
end
$$;
