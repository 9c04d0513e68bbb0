-- $1 name, $2 sha256, $3 applied_at, $4 runwake_version
insert into runwake_migrations (name, sha256, applied_at, runwake_version) values ($1, $2, $3, $4)
