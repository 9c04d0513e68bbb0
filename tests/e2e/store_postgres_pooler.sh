#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Through a pooler that lends each transaction another of its connections (pgbouncer, pool_mode = transaction), as
# hosted databases put it in front: nothing that was prepared or set stays, and what is set must not stay for others.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"

POOLER=$(PATH=$PATH:/usr/sbin command -v pgbouncer) || { echo "1..0 # SKIP pgbouncer is not installed"; exit 0; }
start_postgres || { echo "1..0 # SKIP no PostgreSQL server is installed"; exit 0; }
REPO=$T/project

# Two connections for everybody, so that they are lent all the time. It refuses to run as root.
start_pooler()
{
	local owner
	owner=$(stat -Lc %U "$T/pg/data")
	mkdir "$T/pooler"
	cat >"$T/pooler/ini" <<-CONFIG
		[databases]
		runwake = host=$T/pg user=postgres
		[pgbouncer]
		listen_addr =
		unix_socket_dir = $T/pooler
		auth_type = any
		pool_mode = transaction
		default_pool_size = 2
		logfile = $T/pooler/log
		pidfile = $T/pooler/pid
	CONFIG
	chmod 644 "$T/pooler/ini"
	chown "$owner" "$T/pooler"
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups "$POOLER" -q "$T/pooler/ini" >/dev/null 2>&1 &
	else
		"$POOLER" -q "$T/pooler/ini" >/dev/null 2>&1 &
	fi
	wait_until 60 test -S "$T/pooler/.s.PGSQL.6432"
}

pooled() # SQL
{
	psql -XAtqh "$T/pooler" -p 6432 -U postgres -c "$1" runwake
}

# What psql sees is one of the two at a time: both are asked, the second while the first is held by a transaction.
of_both() # SQL
{
	pooled "$1"
	psql -XAtqh "$T/pooler" -p 6432 -U postgres runwake <<-SQL
		begin;
		\\! psql -XAtqh "$T/pooler" -p 6432 -U postgres -c "$1" runwake
		commit;
	SQL
}

it_is_used_and_migrated()
{
	runwake db use "postgresql:///runwake?host=$T/pooler&port=6432&user=postgres" >/dev/null
	runwake db migrate
	expect_eq "left to migrate" "$(runwake db migrate --dry-run)" ""
	wired_repo "$REPO"
	expect_exit 0 runwake verify "$REPO"
}

# Recorders and readers at once: each statement may be another connection's first.
everything_lands_once()
{
	local n run
	cd "$REPO"
	run=$(runwake start --workflow implement --task "Through a pooler")
	for ((n = 0; n < 20; n++)); do
		git commit -q --allow-empty -m "pooled $n"
		runwake record 2>>"$T/record.err" &
		runwake list --json >"$T/list.$n" 2>>"$T/record.err" &
	done
	wait
	runwake finish "$run" --status completed
	runwake record
	expect_eq "what they said" "$(cat "$T/record.err")" ""
	expect_eq "movements" "$(postgres "select count(*) from workflow_movements where verdict = 'made'")" 20
	expect_eq "events twice" "$(postgres "select count(*) - count(distinct id) from workflow_events")" 0
	expect_json "the run" "$(runwake show --json "$run")" '[.run.status, (.commits | length)] | @csv' '"completed",20'
	for ((n = 0; n < 20; n++)); do
		expect_json "list $n" "$(cat "$T/list.$n")" '.runs[0].run_id' "$run"
	done
}

nothing_is_left_for_others()
{
	expect_eq "servers" "$(of_both "select pg_backend_pid()" | sort -u | wc -l)" 2
	expect_eq "prepared" "$(of_both "select count(*) from pg_prepared_statements" | sort -u)" 0
	for limit in statement_timeout lock_timeout idle_in_transaction_session_timeout; do
		expect_eq "$limit" "$(of_both "show $limit" | sort -u)" 0
	done
	expect_eq "messages" "$(of_both "show client_min_messages" | sort -u)" notice
}

limits_hold_in_transactions()
{
	mkfifo "$T/session"
	psql -XAtqh "$T/pg" -U postgres runwake <"$T/session" >"$T/held" 2>&1 &
	exec 9>"$T/session"
	printf '%s\n' 'begin;' "select 'held' from runwake_migrations where name = '' for update;" >&9
	wait_until 60 grep -qx held "$T/held"
	git -C "$REPO" commit -q --allow-empty -m "while the row is held"
	expect_exit 6 runwake record
	expect_match "what it says" "$(cat "$T/err")" "another recorder is writing to it"
	echo 'commit;' >&9
	exec 9>&-
	wait
	wait_until 60 no_recorder_is_left
	runwake record
	expect_eq "movements" "$(postgres "select count(*) from workflow_movements where verdict = 'made'")" 21
}

t "a pooler starts" start_pooler
trap 'kill "$(cat "$T/pooler/pid")"; clean_up' EXIT
t "it is used and migrated" it_is_used_and_migrated
t "recorders and readers at once" everything_lands_once
t "nothing is left on its connections" nothing_is_left_for_others
t "a lock is waited for 20 seconds at most" limits_hold_in_transactions
end_tests
