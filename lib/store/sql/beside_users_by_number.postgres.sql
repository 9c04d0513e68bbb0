-- One row where there are users whose ids are no UUIDs.
select 1 from pg_attribute a
where a.attrelid = to_regclass('users') and a.attname = 'id' and not a.attisdropped
  and a.atttypid <> cast('uuid' as regtype)
