-- What every transaction of a recorder holds: the row that names no migration.
select 1 from runwake_migrations where name = '' for update
