create table if not exists runwake_migrations (
  name text collate "C" primary key,
  sha256 text not null,
  applied_at timestamptz not null,
  runwake_version text not null
)
