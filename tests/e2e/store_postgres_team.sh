#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What a team may have done to its database: columns, constraints and triggers of its own on our tables, another encoding,
# settings of a role. Nothing good is set aside for it, nothing is lost or recorded otherwise, and what stands in the way is
# told with its mend.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"

start_postgres || { echo "1..0 # SKIP no PostgreSQL server is installed"; exit 0; }
REPO=$T/project
# shellcheck disable=SC2016 # the server's quotes
RAISES='create function refuse() returns trigger language plpgsql as $$ begin raise $r$not on a Saturday$r$; end $$;
	create trigger weekdays before insert on workflow_movements for each row execute function refuse()'

expect_all_recorded()
{
	expect_each_movement_once
	runwake db status --json >"$T/status"
	expect_json "status" "$(cat "$T/status")" .quarantined 0 .waiting_bytes 0 .problem null
}

set_up()
{
	runwake db use "$POSTGRES_URL" >/dev/null
	runwake db migrate >/dev/null
	new_repo "$REPO"
	git -C "$REPO" rev-parse HEAD >"$T/base"
	runwake install "$REPO" >/dev/null
	git -C "$REPO" commit -q --allow-empty -m "With nothing in the way"
	runwake record
	expect_all_recorded
	runwake doctor >"$T/out" || :
	expect_eq "not ours" "$(grep -c "is not Runwake's" "$T/out")" 0
}

# One commit is seen while the tables refuse it, and one after they take it again.
an_addition_lets_events_wait() # CHANGE UNDO NAMED
{
	postgres "$1"
	git -C "$REPO" commit -q --allow-empty -m "Refused: $3" 2>"$T/git.err"
	wait_until 20 no_recorder_is_left
	expect_eq "what git says" "$(cat "$T/git.err")" ""
	expect_exit 6 runwake record
	expect_match "record" "$(cat "$T/err")" "$3"
	# What is there may be read.
	expect_exit 0 runwake list
	expect_match "list" "$(cat "$T/err")" "$3"
	runwake db status >"$T/out"
	expect_match "status" "$(cat "$T/out")" "waits for .*$3"
	expect_json "what waits" "$(runwake db status --json)" '.waiting_bytes > 0 and .quarantined == 0' true
	expect_exit 1 runwake doctor
	expect_match "doctor" "$(cat "$T/out")" "$3"
	postgres "$2"
	git -C "$REPO" commit -q --allow-empty -m "Taken: $3"
	runwake record
	expect_all_recorded
}

# Before anything waits.
a_certain_refusal_is_told_beforehand()
{
	postgres "alter table workflow_runs add column team text not null"
	for command in "db migrate" "db migrate --dry-run" "db use $POSTGRES_URL"; do
		# shellcheck disable=SC2086 # several words
		expect_exit 0 runwake $command
		expect_match "$command" "$(cat "$T/err")" "workflow_runs.team may not be null.*alter column team drop not null"
	done
	expect_json "status" "$(runwake db status --json)" '.problem | test("workflow_runs.team")' true
	expect_exit 1 runwake doctor
	expect_match "doctor" "$(cat "$T/out")" "broken  store .*workflow_runs.team may not be null"
	postgres "alter table workflow_runs drop column team"
	expect_exit 0 runwake db migrate
	expect_eq "what is told then" "$(cat "$T/err")" ""
}

# Another encoding lacks characters; SQL_ASCII counts bytes, where a workflow's name has 100 characters at most.
another_encoding_is_refused() # ENCODING
{
	local url=${POSTGRES_URL/runwake/${1,,}} before
	psql -Xqh "$T/pg" -U postgres -c "create database ${1,,} encoding '$1' lc_collate 'C' lc_ctype 'C' template template0" postgres
	before=$(cat "$XDG_STATE_HOME/runwake/store")
	for command in "db use" "db migrate" "db migrate --dry-run" "db copy"; do
		# shellcheck disable=SC2086 # several words
		expect_exit 6 runwake $command "$url"
		expect_match "$command" "$(cat "$T/err")" "encoding is $1, and the record needs UTF8.*encoding 'UTF8' template template0"
	done
	expect_eq "the store" "$(cat "$XDG_STATE_HOME/runwake/store")" "$before"
	expect_eq "tables" "$(psql -XAtqh "$T/pg" -U postgres -c "select count(*) from pg_tables where schemaname = 'public'" "${1,,}")" 0
}

# A history with whatever a setting might change: characters, backslashes, times, money, zeros, long texts.
make_history()
{
	export XDG_STATE_HOME=$T/file
	local run
	new_repo "$T/history"
	cd "$T/history"
	runwake install . >/dev/null
	# shellcheck disable=SC2016 # no expansion
	run=$(runwake start --workflow 'größer' --task 'C:\new\table '\''quoted'\'' 🎉 \u00e9 $1' --session 'späht' --model m)
	for ((n = 0; n < 20; n++)); do
		printf '%s\n' "$n" >"f $n"
		git add .
		git commit -q -m "\\x00ff $n '"
	done
	runwake say "$run" 'Do \not "stop" 🎉' >/dev/null
	runwake finish "$run" --status failed --error 'E: \\ "'
	runwake record
}

# A file is copied there by the role, read back by it into another file, and both compared by a role without settings.
a_setting_changes_nothing() # SETTING
{
	local odd=${POSTGRES_URL%postgres}odd
	psql -Xqh "$T/pg" -U postgres -c "alter role odd set $1" postgres
	psql -Xqh "$T/pg" -U postgres -c "set client_min_messages = warning" -c "drop database if exists set" -c "create database set template empty owner odd" postgres
	odd=${odd/runwake/set}
	XDG_STATE_HOME=$T/odd runwake db copy "sqlite:$T/file/runwake/runwake.db" "$odd" --json >"$T/there"
	expect_json "there" "$(cat "$T/there")" .equal true
	rm -rf "$T/back.db"
	XDG_STATE_HOME=$T/odd runwake db copy "$odd" "sqlite:$T/back.db" --json >"$T/back"
	expect_json "back" "$(cat "$T/back")" .equal true .alone true
	XDG_STATE_HOME=$T/odd runwake db copy "sqlite:$T/file/runwake/runwake.db" "${odd/user=odd/user=postgres}" --json >"$T/plain"
	expect_json "by another role" "$(cat "$T/plain")" .equal true .events_copied 0
	psql -Xqh "$T/pg" -U postgres -c "alter role odd reset all" postgres
}

settings_of_a_role_change_nothing()
{
	make_history
	psql -Xqh "$T/pg" -U postgres -c "create role odd login" -c "create database empty owner odd" postgres
	XDG_STATE_HOME=$T/odd runwake db migrate "${POSTGRES_URL/runwake?/empty?}" >/dev/null
	psql -Xqh "$T/pg" -U postgres -c "grant all on all tables in schema public to odd; alter default privileges grant all on tables to odd" empty
	for setting in "client_encoding = 'LATIN1'" "datestyle = 'German, DMY'" "intervalstyle = 'iso_8601'" "timezone = 'Asia/Kathmandu'" \
	    "standard_conforming_strings = off" "bytea_output = 'escape'" "default_transaction_isolation = 'serializable'" \
	    "default_transaction_isolation = 'repeatable read'" "statement_timeout = '50ms'" "lock_timeout = '1ms'" \
	    "idle_in_transaction_session_timeout = '1ms'" "extra_float_digits = -15" "quote_all_identifiers = on" \
	    "transform_null_equals = on" "array_nulls = off" "row_security = off" "search_path = pg_catalog, public"; do
		echo "$setting"
		a_setting_changes_nothing "$setting"
	done
	PGCLIENTENCODING=LATIN1 PGDATESTYLE=German PGTZ=Asia/Kathmandu a_setting_changes_nothing "work_mem = '64kB'"
}

a_role_that_only_reads_is_told()
{
	local odd=${POSTGRES_URL%postgres}odd
	psql -Xqh "$T/pg" -U postgres -c "alter role odd set default_transaction_read_only = on" postgres
	expect_exit 6 env XDG_STATE_HOME="$T/odd" runwake db copy "sqlite:$T/file/runwake/runwake.db" "${odd/runwake/empty}"
	expect_match "what it says" "$(cat "$T/err")" "default_transaction_read_only"
	psql -Xqh "$T/pg" -U postgres -c "alter role odd reset all" -c "alter role odd set search_path = 'nowhere'" postgres
	expect_exit 6 env XDG_STATE_HOME="$T/odd" runwake db copy "sqlite:$T/file/runwake/runwake.db" "${odd/runwake/empty}"
	expect_match "what it says" "$(cat "$T/err")" "waits for [0-9]* migrations"
}

t "with nothing in the way" set_up
t "a column without a default" an_addition_lets_events_wait "alter table workflow_movements add column team text not null default 'ours';
    alter table workflow_movements alter column team drop default" \
    "alter table workflow_movements alter column team drop not null" "workflow_movements.team"
t "a CHECK" an_addition_lets_events_wait "alter table workflow_movements add constraint no_main check (branch <> 'main') not valid" \
    "alter table workflow_movements drop constraint no_main" "no_main"
t "a unique index" an_addition_lets_events_wait "create unique index once on workflow_events (host)
    where recorded_at > timestamptz '$(date -u +%FT%T.%6NZ)'" "drop index once" "once"
t "a foreign key" an_addition_lets_events_wait "create table teams (branch text primary key);
    alter table workflow_movements add constraint by_team foreign key (branch) references teams not valid" \
    "alter table workflow_movements drop constraint by_team" "by_team"
t "a trigger that raises" an_addition_lets_events_wait "$RAISES" "drop trigger weekdays on workflow_movements" \
    "PL/pgSQL function refuse"
t "a certain refusal is told beforehand" a_certain_refusal_is_told_beforehand
t "a database in LATIN1" another_encoding_is_refused LATIN1
t "a database in SQL_ASCII" another_encoding_is_refused SQL_ASCII
t "settings of a role change nothing" settings_of_a_role_change_nothing
t "a role that only reads, or looks elsewhere" a_role_that_only_reads_is_told
end_tests
