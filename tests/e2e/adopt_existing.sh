#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A database in which another system has its tables, in each form that it was shipped in: upgraded in place, with what was
# there before and after compared, and then worked with. The forms are in tests/e2e/legacy.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"

start_postgres || { echo "1..0 # SKIP no PostgreSQL server is installed"; exit 0; }
LEGACY=$ROOT/tests/e2e/legacy

sql() # DATABASE [ARG…]; statements on standard input or by -c and -f
{
	local database=$1
	shift
	psql -XAtq -F '|' -v ON_ERROR_STOP=1 -h "$T/pg" -U postgres -d "$database" "$@"
}

# A new database of that name, with a state directory of its own; FILEs of tests/e2e/legacy go into it.
make_database() # NAME FILE…
{
	local name=$1 file idtype=uuid
	shift
	sql postgres -c "create database $name"
	for file; do
		[ "$file" != runs_first ] || idtype=varchar
		sql "$name" -v idtype="$idtype" -f "$LEGACY/$file.sql"
	done
	use_database "$name"
	runwake db use "postgresql:///$name?host=$T/pg&user=postgres" >/dev/null
}

use_database() # NAME
{
	export XDG_STATE_HOME=$T/state-$1
}

dump() # NAME; without the table that migrators meet at
{
	pg_dump -h "$T/pg" -U postgres -T runwake_migrations "$1" | grep -v '^\\\(un\)\?restrict '
}

# What a person would look for again: by run id, with what the old table said of it.
OLD_RUNS="select run_id, task_input, coalesce(result, ''), coalesce(session_name, ''), coalesce(ai_model, ''),
    coalesce(git_branch, ''), coalesce(git_diff_added_lines, 0), coalesce(input_tokens, 0), coalesce(total_tokens, 0),
    (coalesce(cost_estimate, 0) * 4)::numeric(12,2), coalesce(workspace_path, ''), workspace_persistent
    from workflow_runs where run_id ~ '^r-[a-z]|^0'"

# The columns, constraints and indexes of ours, as a new database has them.
shape() # NAME
{
	sql "$1" -c "select attname, format_type(atttypid, atttypmod), attnotnull, attcollation, pg_get_expr(adbin, adrelid)
	    from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
	    where attrelid = 'workflow_runs'::regclass and attnum > 0 and not attisdropped and attname <> 'temp_workspace'
	    order by 1"
	sql "$1" -c "select conname, contype, convalidated, conrelid::regclass, conkey is not null from pg_constraint
	    where 'workflow_runs'::regclass in (conrelid, confrelid) order by 1, 4"
	sql "$1" -c "select indexrelid::regclass, indisunique, indisvalid from pg_index
	    where indrelid = 'workflow_runs'::regclass and indexrelid::regclass::text like 'workflow_runs_%'
	    order by indexrelid::regclass::text"
	sql "$1" -c "select reloptions from pg_class where oid = 'workflow_runs'::regclass"
}

a_new_database_is_the_model()
{
	make_database fresh
	runwake db migrate >/dev/null
	shape fresh >"$T/shape"
}

# ---- each form, before and after ----------------------------------------------------------------
upgrade() # NAME FILE…
{
	local name=$1 runs
	make_database "$@"
	runs=$(sql "$name" -c "select count(*) from workflow_runs")
	sql "$name" -c "$OLD_RUNS" | sort >"$T/before"
	sql "$name" -c "select 'workflow_runs'::regclass::oid" >"$T/oid"
	sql "$name" -c "create view recent as select run_id, status, session_id from workflow_runs where status <> 'killed'"
	sql "$name" -c "create view counted as select count(*) as n from recent"
	sql "$name" -c "comment on view recent is 'for the board'"
	sql postgres -c "do \$\$ begin create role board; exception when duplicate_object then null; end \$\$"
	sql "$name" -c "grant select on workflow_runs, recent to board; grant select (n) on counted to board;
	    comment on column counted.n is 'of all'; alter view recent alter column status set default 'running'"
	# Other systems look at the table by triggers that take part in nothing that is done here.
	sql "$name" -c "create function announce() returns trigger language plpgsql as
	    'begin if new.result = ''Built anew'' then raise exception ''announced''; end if; return new; end';
	    create trigger announce after update on workflow_runs for each row execute function announce();
	    alter table workflow_runs enable always trigger announce"
	runwake db status >"$T/out"
	expect_match "what waits" "$(cat "$T/out")" "workflow_runs.*db migrate --dry-run"

	dump "$name" >"$T/dump"
	runwake db migrate --dry-run --json >"$T/plan"
	dump "$name" >"$T/dump.after"
	expect_same "the database after a dry run" "$T/dump.after" "$T/dump"

	runwake db migrate --json >"$T/report"
	expect_json "rows" "$(cat "$T/report")" .workflow_runs.rows "$runs"
	# What was said beforehand is what was done.
	jq -S . "$T/plan" >"$T/planned"
	jq -S . "$T/report" >"$T/done"
	expect_same "the plan" "$T/done" "$T/planned"

	shape "$name" >"$T/shape.after"
	expect_same "shape" "$T/shape.after" "$T/shape"
	expect_eq "the same table" "$(sql "$name" -c "select 'workflow_runs'::regclass::oid")" "$(cat "$T/oid")"
	expect_eq "nothing is left of the work" "$(sql "$name" -c "select count(*) from pg_class where relname like 'runwake_aside%'")" 0
	expect_eq "the views" "$(sql "$name" -c "select n = (select count(*) from workflow_runs where status <> 'killed'),
	    obj_description('recent'::regclass), has_table_privilege('board', 'recent', 'select'),
	    has_table_privilege('board', 'workflow_runs', 'select'), has_column_privilege('board', 'counted', 'n', 'select'),
	    col_description('counted'::regclass, 1), (select count(*) from pg_attrdef where adrelid = 'recent'::regclass)
	    from counted")" "t|for the board|t|t|t|of all|1"
	sql "$name" -c "$OLD_RUNS" | sort >"$T/after"
	expect_same "runs" "$T/after" "$T/before"
	expect_eq "ids" "$(sql "$name" -c "select count(*) from workflow_runs r join workflow_events e on e.workflow_run_id = r.id
	    where e.type = 'run-imported' and e.payload ->> 'source' = 'workflow_runs' and e.payload ->> 'run_id' = r.run_id")" "$runs"
	expect_odd_rows "$name"
	expect_eq "a second migration" "$(runwake db migrate)" "0 migrations applied"
}

# What does not fit is whole in metadata, and told.
expect_odd_rows() # NAME
{
	expect_eq "a plain run" "$(sql "$1" -c "select id <> 'cccccccc-0000-4000-8000-000000000001', session_id, user_id, duration_seconds,
	    status, metadata = '{\"request\": {\"max_turns\": 30}, \"ratio\": 0.1, \"none\": null}', final_commit_hash = repeat('b', 40),
	    git_diff_stats -> 'files' -> 0 ->> 'path', created_at, completed_at, cost_estimate from workflow_runs where run_id = 'r-plain'")" \
	    "t|bbbbbbbb-0000-4000-8000-000000000001|aaaaaaaa-0000-4000-8000-000000000001|290|completed|t|t|a.c|2025-06-20 10:00:00+00|2025-06-20 10:05:00+00|1.250000"
	expect_eq "the agent's own session" "$(sql "$1" -c "select session_id is null, agent_session_id, metadata ->> 'legacy_user_id'
	    from workflow_runs where run_id = '0e2c2d1e-5c77-4d3a-9a8e-1f3f6c1c2d3e'")" \
	    "t|dddddddd-0000-4000-8000-000000000009|claude-code-x@automagik-agents.ai"
	expect_eq "an empty run id" "$(sql "$1" -c "select run_id ~ '^legacy-', workflow_name from workflow_runs
	    where metadata ->> 'legacy_run_id' = ''")" "t|empty"
	expect_eq "a long name" "$(sql "$1" -c "select workflow_name = repeat('w', 100), metadata ->> 'legacy_workflow_name' = repeat('w', 200),
	    status from workflow_runs where metadata ->> 'legacy_run_id' = 'a run/with spaces'")" "t|t|killed"
	expect_eq "no end" "$(sql "$1" -c "select completed_at is not null, metadata ->> 'legacy_final_commit_hash', initial_commit_hash is null,
	    metadata -> 'legacy_completed_at', metadata ->> 'legacy_metadata' from workflow_runs where run_id = 'r-no-end'")" \
	    't|abc1234|t|null|["a", "list"]'
	expect_eq "a long URL" "$(sql "$1" -c "select length(metadata ->> 'legacy_git_repo'), status, completed_at is null,
	    metadata ? 'legacy_completed_at' from workflow_runs where run_id = 'r-pending'")" "40020|pending|t|t"
	expect_eq "for ever" "$(sql "$1" -c "select completed_at, metadata ->> 'legacy_completed_at' from workflow_runs
	    where run_id = 'r-infinity'")" "2025-06-22 15:00:00+00|infinity"
	expect_eq "a version 7" "$(sql "$1" -c "select id = run_id::uuid from workflow_runs where run_id like '01983d3a%'")" t
	expect_eq "a run that goes on" "$(sql "$1" -c "select status, completed_at is null from workflow_runs where run_id = 'r-still-running'")" "running|t"
	expect_json "misfits" "$(cat "$T/report")" '[.workflow_runs.misfits[] | select(.reason | startswith("run_id")) | .rows] | add' 3
	expect_json "listed" "$(cat "$T/report")" '[.misfit_rows[] | select(.run_id == "a run/with spaces")] | length' 3
	runwake db status --json >"$T/out"
	expect_json "nothing waits" "$(cat "$T/out")" '[.existing_tables, .migrations_pending, .quarantined] | @csv' ',0,0'
}

# Runs old and new side by side, through the ordinary commands.
work_with() # NAME
{
	local repo=$T/repo-$1 run
	wired_repo "$repo"
	cd "$repo"
	run=$(runwake start --workflow implement --task "After the upgrade" --session sprint)
	commit_file . file "one" "The first commit after"
	runwake finish "$run" --status completed --result "Done"
	expect_json "the new run" "$(runwake list --json --limit 1)" '.runs[0] | [.run_id, .status, .own_added_lines] | @csv' "\"$run\",\"completed\",1"
	expect_json "an old run" "$(runwake show r-plain --json)" '.run | [.workflow_name, .status, .input_tokens, .result] | @csv' \
	    '"builder","completed",1000,"Built"'
	expect_match "by session" "$(runwake list --session sprint)" "r-plain"
	expect_json "hostile text" "$(runwake list --json --workflow brain)" '.runs[0].run_id' r-still-running
	runwake list >"$T/list"
	! grep -q $'\033' "$T/list"
	# An old run that was never ended is ended like any other.
	runwake finish r-still-running --status killed >/dev/null || fail "an old run cannot be ended"
	expect_json "ended" "$(runwake show r-still-running --json)" '.run.status' killed
	runwake verify "$repo"
	wait_until 60 no_recorder_is_left
	runwake db copy "postgresql:///$1?host=$T/pg&user=postgres" "sqlite:$T/$1.db" >"$T/copied" || fail "$(grep -v ' equal$' "$T/copied")"
	expect_eq "what is set aside" "$(runwake db status --json | jq .quarantined)" 0
	cd "$T"
}

first_form()
{
	upgrade first base_upgraded runs_first rows_runs
	work_with first
}

shipped_form()
{
	upgrade shipped base_fresh runs_shipped rows_runs
	work_with shipped
	expect_eq "a trigger of theirs" "$(sql shipped -c "select tgname, tgenabled from pg_trigger where tgrelid = 'workflow_runs'::regclass
	    and not tgisinternal")" "announce|A"
	expect_json "the one for the time of a change" "$(cat "$T/report")" '[.workflow_runs.dropped[] | select(test("TRIGGER update_workflow_runs_updated_at"))] | length' 1
	expect_eq "times were left to us" "$(sql shipped -c "select updated_at from workflow_runs where run_id = 'r-plain'")" \
	    "2025-06-20 10:05:01+00"
}

form_with_a_unique_path()
{
	upgrade june22 base_fresh runs_shipped runs_june22 rows_runs
	work_with june22
	expect_json "what is dropped" "$(cat "$T/report")" '[.workflow_runs.dropped[] | select(test("workspace_path_unique"))] | length' 1
	expect_eq "unique indexes" "$(sql june22 -c "select string_agg(indexrelid::regclass::text, ' ' order by indexrelid::regclass::text) from pg_index
	    where indrelid = 'workflow_runs'::regclass and indisunique")" \
	    "workflow_runs_one_claim workflow_runs_pkey workflow_runs_run_id_key"
	expect_eq "indexes of theirs" "$(sql june22 -c "select count(*) from pg_indexes where indexname in ('idx_workflow_runs_session_status',
	    'idx_workflow_runs_completed_at', 'idx_workflow_runs_cleanup_candidates', 'idx_workflow_runs_active')")" 4
}

form_with_a_column_of_its_own()
{
	upgrade june24 base_fresh runs_shipped runs_june22 runs_june24 rows_runs processes_shipped rows_processes
	work_with june24
	expect_eq "the column" "$(sql june24 -c "select count(*) from workflow_runs where not temp_workspace")" \
	    "$(sql june24 -c "select count(*) from workflow_runs")"
	expect_eq "another system can still write" "$(sql june24 -c "insert into workflow_runs (run_id, workflow_name, task_input, temp_workspace)
	    values ('from outside', 'x', 'y', true) returning status")" pending
	expect_processes june24
	expect_eq "in both tables" "$(sql june24 -c "select run_id, workflow_name, status, task_input, completed_at from workflow_runs
	    where run_id like 'r-both-1'")" "r-both-1|guardian|failed|In both tables|2025-06-22 13:30:00+00"
}

# What is the surrounding system's, but for the indexes that come with it.
theirs() # NAME
{
	pg_dump -h "$T/pg" -U postgres -t users -t sessions -t messages "$1" | grep -vE '^(\\(un)?restrict |CREATE INDEX (messages_by_session|sessions_by_name) |--|$)'
}

users_by_number()
{
	make_database numbered ../../beside/numbered runs_shipped processes_shipped rows_processes
	sql numbered -c "insert into workflow_runs (run_id, workflow_name, task_input, session_id, user_id)
	    values ('r-numbered', 'x', 'y', 'bbbbbbbb-0000-4000-8000-000000000002', '1')"
	theirs numbered >"$T/theirs"
	runwake db migrate >/dev/null 2>&1
	theirs numbered >"$T/theirs.after"
	expect_same "sessions, messages and users" "$T/theirs.after" "$T/theirs"
	expect_eq "the run" "$(sql numbered -c "select session_id, user_id is null, metadata ->> 'legacy_user_id' from workflow_runs
	    where run_id = 'r-numbered'")" "bbbbbbbb-0000-4000-8000-000000000002|t|1"
	expect_match "its conversation" "$(runwake chat)" sprint
	expect_eq "keys" "$(sql numbered -c "$KEYS")" "FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE SET NULL"
}

KEYS="select pg_get_constraintdef(oid) from pg_constraint where conrelid = 'workflow_runs'::regclass and contype = 'f' order by 1"

# Taken over when the keys refused what the surrounding system deleted.
keys_of_before() # NAME
{
	use_database "$1"
	sql "$1" -c "delete from runwake_migrations where name = '20261128_170000_let_sessions_and_users_go';
	    alter table workflow_runs drop constraint workflow_runs_session_id_fkey;
	    alter table workflow_runs drop constraint if exists workflow_runs_user_id_fkey;
	    alter table workflow_runs add foreign key (session_id) references sessions (id)"
	[ "$1" = numbered ] || sql "$1" -c "alter table workflow_runs add foreign key (user_id) references users (id)"
	theirs "$1" >"$T/theirs"
	expect_match "the one" "$(runwake db migrate 2>&1)" "1 migration applied"
	theirs "$1" >"$T/theirs.after"
	expect_same "sessions, messages and users" "$T/theirs.after" "$T/theirs"
}

upgraded_keys()
{
	keys_of_before numbered
	expect_eq "keys" "$(sql numbered -c "$KEYS")" "FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE SET NULL"
	keys_of_before shipped
	expect_eq "keys" "$(sql shipped -c "$KEYS")" "FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE SET NULL
FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE SET NULL"
	sql shipped -c "delete from sessions; delete from users"
	expect_eq "the run" "$(sql shipped -c "select session_id is null, user_id is null, status from workflow_runs where run_id = 'r-plain'")" "t|t|completed"
}

# ---- the process table --------------------------------------------------------------------------
expect_processes() # NAME
{
	expect_eq "the process table" "$(sql "$1" -c "select to_regclass('workflow_processes') is null")" t
	expect_eq "processes" "$(sql "$1" -c "select run_id, status, workflow_name = 'builder', coalesce(metadata ->> 'legacy_status', '-')
	    from workflow_runs where run_id ~ '^p-(fresh|stale|done|failed|killed|timeout\$)' order by 1" | tr '\n' ' ')" \
	    "p-done|completed|f|- p-failed|failed|t|- p-fresh|running|t|- p-killed|killed|t|- p-stale|failed|t|running p-timeout|failed|f|timeout "
	expect_eq "a name that is missing" "$(sql "$1" -c "select workflow_name from workflow_runs where run_id = 'p-done'")" unknown
	expect_eq "what a process was" "$(sql "$1" -c "select metadata -> 'legacy_process_info' ->> 'cmd', metadata ->> 'legacy_pid', agent_pid is null,
	    error_message ~ 'the last sign of it is from 2025-06-16' from workflow_runs where run_id = 'p-stale'")" "claude|4242|t|t"
}

processes_alone() # into a database that is ours already
{
	local before
	make_database processes processes_first rows_processes rows_processes_words
	before=$(sql processes -c "select count(*) from workflow_processes")
	runwake db migrate --json >"$T/report"
	expect_json "rows" "$(cat "$T/report")" '.workflow_processes.rows, .workflow_processes.assumed_utc, .workflow_runs' "$(printf '%s\ntrue\nnull' "$before")"
	expect_eq "runs" "$(sql processes -c "select count(*) from workflow_runs")" "$before"
	expect_processes processes
	expect_eq "words" "$(sql processes -c "select run_id, status, metadata ->> 'legacy_status' from workflow_runs
	    where run_id in ('p-orphaned', 'p-terminated', 'p-timeout_killed', 'p-zombie', 'p-pending') order by 1" | tr '\n' ' ')" \
	    "p-orphaned|failed|orphaned p-pending|failed|pending p-terminated|killed|terminated p-timeout_killed|killed|timeout_killed p-zombie|failed|zombie "
	expect_eq "a time without a zone" "$(sql processes -c "select started_at from workflow_runs where run_id = 'p-zombie'")" "2025-06-16 15:00:00+00"
	expect_json "the change of states" "$(cat "$T/report")" '.workflow_processes.statuses[] | select(.from == "timeout_killed") | [.to, .rows] | @csv' '"killed",1'
}

# The old system was not stopped, and made its table anew: what it tells of runs that are there is merged.
processes_again()
{
	use_database processes
	sql processes -f "$LEGACY/processes_shipped.sql"
	sql processes -c "insert into workflow_processes (run_id, status, workflow_name, last_heartbeat, updated_at) values
	    ('p-fresh', 'completed', 'builder', now(), now()), ('p-done', 'failed', 'late', now(), now()), ('p-new', 'killed', 'x', now(), now())"
	expect_match "status" "$(runwake db status)" "workflow_processes"
	runwake db migrate >"$T/out"
	expect_match "told" "$(cat "$T/out")" "0 migrations applied.*workflow_processes: 3 rows carried"
	expect_eq "merged" "$(sql processes -c "select run_id, status from workflow_runs where run_id in ('p-fresh', 'p-done', 'p-new')
	    order by 1" | tr '\n' ' ')" "p-done|completed p-fresh|completed p-new|killed "
	expect_eq "the process table" "$(sql processes -c "select to_regclass('workflow_processes') is null")" t
}

# ---- what may be in the way ---------------------------------------------------------------------
unchanged() # NAME; since its dump in $T/dump
{
	dump "$1" >"$T/dump.after"
	expect_same "the database" "$T/dump.after" "$T/dump"
}

save_dump() # NAME
{
	dump "$1" >"$T/dump"
}

refused() # CODE REGEX NAME
{
	expect_exit "$1" runwake db migrate
	expect_match "why" "$(cat "$T/err")" "$2"
	unchanged "$3"
}

# What the server would refuse is told by name, and by the dry run too.
refused_with() # CHANGE BACK REGEX
{
	sql odd -c "$1"
	save_dump odd
	refused 2 "$3.*nothing was changed" odd
	expect_exit 2 runwake db migrate --dry-run
	expect_match "why" "$(cat "$T/err")" "$3"
	sql odd -c "$2"
}

what_is_refused()
{
	make_database odd base_fresh runs_shipped runs_june22 rows_runs processes_first
	sql odd -c "create table runwake_migrations (name text collate \"C\" primary key, sha256 text not null,
	    applied_at timestamptz not null, runwake_version text not null)"
	sql odd -c "create table notes (run uuid references workflow_runs (id))"
	save_dump odd
	refused 2 "notes refers to workflow_runs" odd
	sql odd -c "drop table notes"
	refused_with "create materialized view heavy as select * from workflow_runs" "drop materialized view heavy" \
	    "view heavy reads workflow_runs.*drop it"
	refused_with "create view plain as select * from workflow_runs; create rule r as on insert to plain do instead nothing" \
	    "drop view plain" "view plain reads workflow_runs.*rules.*drop it"
	refused_with "create view plain as select * from workflow_runs; create function of(plain) returns int language sql as 'select 1'" \
	    "drop view plain cascade" "function of\(plain\) depends on the view plain"
	refused_with "create view busy as select * from workflow_processes" "drop view busy" "view busy depends on workflow_processes.*drop it"
	refused_with "create table pids (run_id text references workflow_processes)" "drop table pids" \
	    "pids_run_id_fkey on table pids depends on workflow_processes"
	refused_with "create function f() returns trigger language plpgsql as 'begin return new; end';
	    create trigger tell after update of status on workflow_runs for each row execute function f()" "drop function f cascade" \
	    "trigger tell on table .*workflow_runs depends on a column.*drop it"
	refused_with "create policy own on workflow_runs using (user_id = current_user)" "drop policy own on workflow_runs" "policy own on"
	refused_with "alter table workflow_runs add column tag text generated always as (status || '!') stored" \
	    "alter table workflow_runs drop column tag" "column tag .*depends on a column"
	refused_with "create function n() returns bigint begin atomic select count(*) from workflow_runs where status = 'failed'; end" \
	    "drop function n" "function n\(\) depends"
	sql postgres -c "create role nobody_much login; create role boss"
	sql odd -c "grant all on schema public to nobody_much; alter table workflow_runs owner to boss;
	    grant all on runwake_migrations, workflow_runs to nobody_much"
	save_dump odd
	export XDG_STATE_HOME=$T/state-other-role
	runwake db use "postgresql:///odd?host=$T/pg&user=nobody_much" >/dev/null
	refused 2 "sessions belongs to the role postgres.*nothing was changed" odd
	sql odd -c "alter table sessions owner to nobody_much; alter table messages owner to nobody_much; alter table users owner to nobody_much"
	save_dump odd
	refused 6 "belongs to boss, who alone may alter it" odd
	sql odd -c "alter table workflow_runs owner to nobody_much; alter table workflow_processes owner to nobody_much;
	    alter table workflow_runs enable row level security, force row level security"
	save_dump odd
	refused 2 "row-level security hides rows of workflow_runs" odd
	sql odd -c "alter table workflow_runs no force row level security, disable row level security"
	use_database odd
	runwake db migrate >/dev/null
	expect_eq "after all" "$(sql odd -c "select count(*) from workflow_runs where imported")" "$(sql odd -c "select count(*) from workflow_runs")"
}

# Tables of the same names in another schema would be made beside theirs, and theirs forgotten.
what_is_elsewhere()
{
	make_database elsewhere base_fresh runs_shipped rows_runs
	sql elsewhere -c "create schema app; alter table workflow_runs set schema app"
	runwake db use "postgresql:///elsewhere?host=$T/pg&user=postgres&options=-csearch_path%3Dapp,public" >/dev/null
	save_dump elsewhere
	refused 2 "sessions is in the schema public, and new ones would be made in app.*nothing was changed" elsewhere
	expect_exit 2 runwake db migrate --dry-run
	sql elsewhere -c "alter table sessions set schema app; alter table messages set schema app; alter table users set schema app"
	runwake db migrate >/dev/null
	expect_eq "runs" "$(sql elsewhere -c "select count(*), count(session_id) from app.workflow_runs")" "12|1"
	expect_eq "sessions" "$(sql elsewhere -c "select count(*) from pg_class where relname = 'sessions'")" 1
}

# A writer that is still at work is told of, not waited for without end.
somebody_is_using_it()
{
	make_database busy base_fresh runs_shipped rows_runs
	save_dump busy
	mkfifo "$T/pipe"
	sql busy <"$T/pipe" >"$T/psql.out" &
	exec {PIPE}>"$T/pipe"
	printf '%s\n' "begin; update workflow_runs set result = 'late' where run_id = 'r-plain'; select 'locked';" >&"$PIPE"
	wait_until 60 grep -q locked "$T/psql.out"
	runwake db migrate --dry-run >/dev/null	# waits for nobody
	expect_exit 6 runwake db migrate
	expect_match "why" "$(cat "$T/err")" "somebody is using workflow_runs.*nothing was changed"
	printf 'rollback;\n' >&"$PIPE"
	exec {PIPE}>&-
	wait
	unchanged busy
	# Two at once: each says that it is done, or that another is at it; never half.
	runwake db migrate >"$T/one" 2>&1 &
	runwake db migrate >"$T/two" 2>&1 || :
	wait
	expect_match "one of two" "$(cat "$T/one" "$T/two")" "upgraded in place"
	expect_eq "runs" "$(sql busy -c "select count(*), count(distinct id) from workflow_runs")" "12|12"
	expect_eq "events" "$(sql busy -c "select count(*) from workflow_events where type = 'run-imported'")" 12
}

# Killed at its nth message to the server, for ever later n, until it comes to its end.
killed_anywhere()
{
	local n=2 killed=0 status
	needs strace
	strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
	make_database killed base_fresh runs_shipped runs_june22 rows_runs processes_first rows_processes
	# So many rows that there is something to be killed in.
	sql killed -c "insert into workflow_runs (run_id, workflow_name, task_input) select 'n' || n, 'x', 'y' from generate_series(1, 3000) n"
	save_dump killed
	while :; do
		status=0
		strace -o /dev/null -e trace=sendto -e inject="sendto:signal=KILL:when=$n" runwake db migrate >/dev/null 2>&1 || status=$?
		[ "$status" -eq 137 ] || break
		killed=$((killed + 1))
		n=$((n + n / 3 + 1))
		wait_until 60 nobody_is_connected killed
		# All of it or nothing: one that was killed after its commit has done all.
		if [ "$(sql killed -c "select to_regclass('workflow_processes') is null")" = t ]; then
			status=0
			runwake db migrate >"$T/out" || status=$?
			expect_match "the next one" "$(cat "$T/out")" "0 migrations applied"
			break
		fi
		unchanged killed
	done
	expect_eq "the one that was not killed" "$status" 0
	[ "$killed" -ge 8 ] || fail "killed $killed times only"
	expect_eq "runs" "$(sql killed -c "select count(*), count(*) filter (where run_id ~ '^n') from workflow_runs")" "3018|3000"
	expect_eq "the process table" "$(sql killed -c "select to_regclass('workflow_processes') is null")" t
	echo "killed $killed times, last at message $n"
}

# A standby is such a server, and a role may be told to read only.
a_server_that_only_reads()
{
	make_database reads base_fresh runs_first
	dump reads >"$T/before"
	expect_exit 6 env PGOPTIONS="-c default_transaction_read_only=on" runwake db migrate --dry-run
	expect_match "why" "$(cat "$T/err")" "tried beforehand.*takes a server that takes writes.*read-only"
	expect_eq "what would be done" "$(cat "$T/out")" ""
	expect_exit 6 env PGOPTIONS="-c default_transaction_read_only=on" runwake db migrate
	expect_match "why" "$(cat "$T/err")" "read-only"
	sql reads -c "create role reads login; alter table workflow_runs owner to reads; alter table sessions owner to reads;
	    alter table messages owner to reads; alter table users owner to reads; revoke temp on database reads from public"
	expect_exit 6 runwake db migrate --dry-run "postgresql:///reads?host=$T/pg&user=reads"
	expect_match "why" "$(cat "$T/err")" "a role that may make tables.*temporary tables"
	dump reads | grep -v 'OWNER TO\|^-- .*Owner: ' >"$T/after"
	grep -v 'OWNER TO\|^-- .*Owner: ' "$T/before" >"$T/expected"
	expect_same "the database" "$T/after" "$T/expected"
}

# Few at a time where they are large: 200 of 600 kB lie between small ones, and three are larger than what is held at a time.
rows_of_any_size()
{
	local migrating peak=0 now
	make_database sizes base_fresh runs_first
	sql sizes -c "insert into workflow_runs (id, run_id, workflow_name, status, task_input, result)
	    select 'i' || n, 'r-' || n, 'w', 'completed', n, case when n % 300 = 7 then repeat(cast(n as text), 2000000)
	      when n between 400 and 600 then repeat(md5(cast(n as text)), 20000) else 'small ' || n end
	    from generate_series(1, 900) n"
	sql sizes -c "select run_id, task_input, md5(result) from workflow_runs order by run_id" >"$T/before"
	runwake db migrate >"$T/out" &
	migrating=$!
	while now=$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$migrating/status" 2>/dev/null) && [ -n "$now" ]; do
		peak=$now
	done
	wait "$migrating"
	sql sizes -c "select run_id, task_input, md5(result) from workflow_runs order by run_id" >"$T/after"
	expect_same "runs" "$T/after" "$T/before"
	expect_match "what it says" "$(cat "$T/out")" "900 runs"
	echo "$peak kB"
	case $BUILD in *san*) return ;; esac
	[ "$peak" -gt 5000 ] && [ "$peak" -lt 150000 ] || fail "it held $peak kB"
}

nobody_is_connected() # NAME
{
	[ "$(sql "$1" -c "select count(*) from pg_stat_activity where application_name = 'runwake' and datname = '$1'")" = 0 ]
}

# A file that is another system's is that system's.
a_file_of_another_system()
{
	needs sqlite3
	sqlite3 "$T/theirs.db" "create table workflow_runs (id text primary key, run_id text); insert into workflow_runs values ('a', 'b')"
	cp "$T/theirs.db" "$T/theirs.before"
	expect_exit 2 env XDG_STATE_HOME="$T/state-file" RUNWAKE_STORE="sqlite:$T/theirs.db" runwake list
	expect_match "why" "$(cat "$T/err")" "another system's tables \(workflow_runs\).*RUNWAKE_STORE"
	expect_exit 2 env XDG_STATE_HOME="$T/state-file" runwake db use "sqlite:$T/theirs.db"
	expect_same "their file" "$T/theirs.db" "$T/theirs.before"
	rm "$T/theirs.db"
	sqlite3 "$T/theirs.db" "create table sessions (id text)"
	expect_exit 2 env XDG_STATE_HOME="$T/state-file" RUNWAKE_STORE="sqlite:$T/theirs.db" runwake list
}

t "what a new database has" a_new_database_is_the_model
t "workflow_runs of the first release" first_form
t "workflow_runs as shipped" shipped_form
t "workflow_runs with a unique workspace_path" form_with_a_unique_path
t "workflow_runs with a column of its own, and workflow_processes as shipped" form_with_a_column_of_its_own
t "where users have numbers" users_by_number
t "keys that refused a deletion" upgraded_keys
t "workflow_processes of the first release, alone" processes_alone
t "workflow_processes that comes again" processes_again
t "what cannot be taken over is refused, and nothing changes" what_is_refused
t "tables in another schema" what_is_elsewhere
t "somebody is using it; two migrate at once" somebody_is_using_it
t "killed anywhere" killed_anywhere
t "rows of any size" rows_of_any_size
t "a server that only reads" a_server_that_only_reads
t "an SQLite file of another system" a_file_of_another_system
end_tests
