-- One row if the table of migrations is there.
select 1 from sqlite_master where type = 'table' and name = 'runwake_migrations'
