-- Roles of least privilege, for the schema that is current. Apply it with `runwake db migrate --optional roles`, or print it
-- with --dry-run and hand it to psql. It may be applied again at any time, and has to be after a migration that brought a
-- table. Whoever applies it owns the tables and, the first time, may create roles. Then, for each machine and person:
--   create role laptop login in role runwake_machine;	-- its setting runwake.host is its role's name
--   create role recorder login in role runwake_folder;
--   create role ann login in role runwake_reader;
do $$
declare
  role_name text;
  table_name text;
begin
  foreach role_name in array array['runwake_machine', 'runwake_folder', 'runwake_reader'] loop
    if not exists (select 1 from pg_roles where rolname = role_name) then
      execute format('create role %I nologin', role_name);
    end if;
  end loop;
  execute format('grant usage on schema %I to runwake_machine, runwake_folder, runwake_reader', current_schema());

  -- Everything that Runwake folds into; what others own, or a machine alone has to do, is not.
  for table_name in
    select c.relname from pg_class c
    where c.relnamespace = (select oid from pg_namespace where nspname = current_schema())
      and c.relowner = (select relowner from pg_class where oid = cast('workflow_events' as regclass))
      and c.relkind in ('r', 'p', 'v') and not c.relispartition and c.relname like 'workflow\_%'
      and c.relname not in ('workflow_events', 'workflow_unfed', 'workflow_feeds', 'workflow_processes')
  loop
    execute format('grant select on %I to runwake_reader', table_name);
    execute format('grant select, insert, update, delete on %I to runwake_folder', table_name);
  end loop;
end
$$;

-- A machine inserts events and can do nothing else: it reads nothing, not even its own, and cannot say that one is folded.
grant insert (id, type, version, at, host, workflow_run_id, payload, recorded_at) on workflow_events to runwake_machine;

-- Who folds reads events and marks them; the right to update a column of runwake_migrations is what locking a row takes.
grant select on workflow_events, runwake_migrations, sessions, messages, users to runwake_folder;
grant update (folded_at, workflow_run_id, set_aside, payload) on workflow_events to runwake_folder;
grant update (applied_at) on runwake_migrations to runwake_folder;
grant insert, update on sessions to runwake_folder;
grant insert, update, delete on messages to runwake_folder;

grant select on workflow_events, runwake_migrations, sessions, messages to runwake_reader;

-- A machine speaks for itself alone. For everybody else the rights granted decide, as before.
alter table workflow_events enable row level security;
drop policy if exists runwake_select on workflow_events;
drop policy if exists runwake_insert on workflow_events;
drop policy if exists runwake_update on workflow_events;
drop policy if exists runwake_delete on workflow_events;
create policy runwake_select on workflow_events for select using (true);
create policy runwake_insert on workflow_events for insert
  with check (host = cast(current_user as text) or not pg_has_role(current_user, 'runwake_machine', 'member'));
create policy runwake_update on workflow_events for update using (true) with check (true);
create policy runwake_delete on workflow_events for delete using (true);
