-- Tables, the largest first: rows as the server last estimated them (null: never), bytes with their indexes, bytes of the rows
-- alone.
select c.relname, cast(case when c.reltuples < 0 then null else c.reltuples end as bigint), pg_total_relation_size(c.oid),
  pg_table_size(c.oid)
from pg_class c
where c.relkind = 'r' and pg_table_is_visible(c.oid)
  and (c.relname like 'workflow\_%' or c.relname in ('users', 'sessions', 'messages', 'runwake_migrations'))
order by 3 desc, 1
