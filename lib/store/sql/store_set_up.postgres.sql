-- What a new connection is set to, in one go. $1 the process that the server named when it let us in; $2 statement_timeout,
-- $3 lock_timeout, $4 idle_in_transaction_session_timeout; null: as the connection has it.
-- Another process than that one means a pooler that lends its connections: it knows of time zone and dates that they are
-- ours and hands them on with us; whatever else was set here would stay for whoever has the connection next.
-- Every statement has its index; but a plan that is made while a table is new and empty would read it from end to end, and
-- is kept until the server has counted again: so no sequential scans.
select pg_backend_pid() = cast($1 as integer) as is_ours,
  current_setting('statement_timeout') as statement_timeout,
  set_config('timezone', 'UTC', false),
  set_config('datestyle', 'ISO, YMD', false),
  set_config('standard_conforming_strings', 'on', false),
  case when pg_backend_pid() = cast($1 as integer) then
    set_config('client_min_messages', 'warning', false) end,
  case when pg_backend_pid() = cast($1 as integer) then set_config('enable_seqscan', 'off', false) end,
  case when pg_backend_pid() = cast($1 as integer) then set_config('jit', 'off', false) end,
  case when pg_backend_pid() = cast($1 as integer) then set_config('array_nulls', 'on', false) end,
  case when pg_backend_pid() = cast($1 as integer) and cast($2 as text) is not null then
    set_config('statement_timeout', cast($2 as text), false) end,
  case when pg_backend_pid() = cast($1 as integer) and cast($3 as text) is not null then
    set_config('lock_timeout', cast($3 as text), false) end,
  case when pg_backend_pid() = cast($1 as integer) and cast($4 as text) is not null then
    set_config('idle_in_transaction_session_timeout', cast($4 as text), false) end
