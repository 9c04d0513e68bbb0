create table if not exists runwake_migrations (
  name text primary key,
  sha256 text not null,
  applied_at text not null,
  runwake_version text not null
)
