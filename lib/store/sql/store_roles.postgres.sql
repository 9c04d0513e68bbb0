-- Were the roles of least privilege made for this ledger?
select 1 from pg_roles r
where r.rolname = 'runwake_machine' and has_any_column_privilege(r.oid, cast(to_regclass('workflow_events') as oid), 'insert')
