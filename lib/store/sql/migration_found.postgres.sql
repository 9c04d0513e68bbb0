-- One row if the table of migrations is there.
select 1 where to_regclass('runwake_migrations') is not null
