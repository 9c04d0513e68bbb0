select name, sha256, runwake_version from runwake_migrations order by name
