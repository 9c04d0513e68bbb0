-- One row if the table users was made in this transaction. A foreign key to it writes its row in pg_class anew, but not
-- that of its row type.
select 1 from pg_class c join pg_type t on t.oid = c.reltype
where c.oid = to_regclass('users') and t.xmin = cast(pg_current_xact_id() as xid)
