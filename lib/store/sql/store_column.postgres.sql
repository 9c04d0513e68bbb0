-- One row if a table has a column of that name and type. $1 table, $2 column, $3 type or null: any
select 1 from pg_attribute a join pg_type t on t.oid = a.atttypid
where a.attrelid = to_regclass(cast($1 as text)) and a.attname = cast($2 as text) and a.attnum > 0
  and not a.attisdropped and (cast($3 as text) is null or t.typname = cast($3 as text))
