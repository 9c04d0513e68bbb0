-- What was applied. A row without a name is none: PostgreSQL's recorders lock it.
select name, sha256, runwake_version from runwake_migrations where name <> '' order by name
