-- The columns of a table, and what may be done with them. $1 table
select a.attname, t.typname, case when t.typname in ('varchar', 'bpchar') and a.atttypmod > 4 then a.atttypmod - 4 end,
  a.attnotnull, a.atthasdef or a.attidentity <> '',
  has_column_privilege(a.attrelid, a.attnum, 'select'), has_column_privilege(a.attrelid, a.attnum, 'insert'),
  has_column_privilege(a.attrelid, a.attnum, 'update')
from pg_attribute a join pg_type t on t.oid = a.atttypid
where a.attrelid = to_regclass(cast($1 as text)) and a.attnum > 0 and not a.attisdropped
order by a.attnum
