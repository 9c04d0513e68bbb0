-- The same limits for one transaction on a connection that a pooler lends, and that its role reads the nulls in our arrays as such. $1 statement_timeout, $2 lock_timeout,
-- $3 idle_in_transaction_session_timeout; null: as it is.
select set_config('statement_timeout', coalesce(cast($1 as text), current_setting('statement_timeout')), true),
  set_config('lock_timeout', coalesce(cast($2 as text), current_setting('lock_timeout')), true),
  set_config('idle_in_transaction_session_timeout',
    coalesce(cast($3 as text), current_setting('idle_in_transaction_session_timeout')), true),
  set_config('array_nulls', 'on', true)
