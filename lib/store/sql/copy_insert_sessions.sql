-- A row as copy_sessions gives it, its columns in the same order; one that is there stands.
insert into sessions (id, name, platform, metadata, created_at, updated_at, run_finished_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict do nothing
