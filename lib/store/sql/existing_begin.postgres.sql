-- Keeps the old system away from its tables until the transaction ends, and makes room for what is carried over.
do $do$
begin
  perform set_config('lock_timeout', '5s', true);
  if to_regclass('workflow_runs') is not null then
    lock table workflow_runs in access exclusive mode;
  end if;
  if to_regclass('workflow_processes') is not null then
    lock table workflow_processes in access exclusive mode;
  end if;
  perform set_config('lock_timeout', '20s', true);
  -- Nobody knows yet how large the tables become that are empty now: a plan that reads the whole of one would be kept. Plans
  -- that look costly are compiled, which takes a hundred times as long as running them.
  perform set_config('enable_seqscan', 'off', true);
  perform set_config('jit', 'off', true);
  -- What is hidden would be lost: better to fail.
  perform set_config('row_security', 'off', true);
  create temp table runwake_import (
    place bigint generated always as identity primary key,
    event_id uuid not null,
    source text not null,
    old_run_id text not null,
    run_id text not null,
    id uuid not null,
    at timestamptz not null,
    payload text not null
  ) on commit drop;
  create temp table runwake_note (place serial, kind text not null, text text not null) on commit drop;
  create temp table runwake_existing (oid oid not null) on commit drop;
  create temp table runwake_view (
    name text not null, definition text not null, options text, owner text not null, comment text, statements text[],
    depth integer not null
  ) on commit drop;
  create temp table runwake_trigger (name text not null, enabled "char" not null) on commit drop;
  create temp table runwake_index (oid oid not null, name text not null) on commit drop;
  create temp table runwake_model (place serial, kind text not null, name text not null, columns text, definition text not null,
    relation text) on commit drop;
end
$do$
