-- The row that a transaction locks: it names no migration.
insert into runwake_migrations (name, sha256, applied_at, runwake_version) values ('', '', now(), '')
on conflict do nothing
