-- The columns of the existing workflow_runs and their types.
select attname, format_type(atttypid, atttypmod) from pg_attribute
where attrelid = to_regclass('workflow_runs') and attnum > 0 and not attisdropped
order by attnum
