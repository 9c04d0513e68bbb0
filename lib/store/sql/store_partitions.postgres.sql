-- The ledger's partitions by month: until when there are any (null: it has none), and whether events lie after that, in months
-- that there should be by now. (What is dated later than that has no month, and waits in the default for its own.)
with months as (
  select cast(to_date(max(right(c.relname, 6)), 'YYYYMM') + interval '1 month' as timestamp) at time zone 'UTC' as until,
    (date_trunc('month', now() at time zone 'UTC') + interval '13 months') at time zone 'UTC' as due
  from pg_inherits h join pg_class c on c.oid = h.inhrelid
  where h.inhparent = to_regclass('workflow_events') and c.relname ~ '^workflow_events_[0-9]{6}$')
select until, until is not null and exists (
  select 1 from workflow_events
  where id >= cast(lpad(to_hex(cast(extract(epoch from until) * 1000 as bigint)), 12, '0') || repeat('0', 20) as uuid)
    and id < cast(lpad(to_hex(cast(extract(epoch from due) * 1000 as bigint)), 12, '0') || repeat('0', 20) as uuid))
from months
