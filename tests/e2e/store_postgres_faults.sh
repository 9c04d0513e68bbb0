#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Between the recorder and PostgreSQL stands a program that does what networks, poolers and servers do at the worst
# moment (tool_postgres_proxy.c). Whatever it does, every event lands once, git hears nothing of it, what waits and
# why is told, and a recorder comes to an end.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"

start_postgres || { echo "1..0 # SKIP no PostgreSQL server is installed"; exit 0; }
REPO=$T/project
LOG=$T/proxy.log
BATCH=6	# commits

mode() # WORD…
{
	printf '%s\n' "$*" >"$T/mode.new"
	mv "$T/mode.new" "$T/mode"
	wait_until 60 is_in_mode "$1"
	: >"$LOG"
}

is_in_mode()
{
	[ "$(grep '^mode ' "$LOG" | tail -n 1)" = "mode $1" ]
}

times() # WORD; in the log since the mode was set
{
	grep -cx "$1" "$LOG" || :
}

# So many commits wait in the spool, and nobody records.
let_wait() # SUBJECT
{
	local n
	mode refuse 57P03
	for ((n = 0; n < BATCH; n++)); do
		git -C "$REPO" commit -q --allow-empty -m "$1 $n" 2>>"$T/git.err"
	done
	wait_until 60 no_recorder_is_left
	expect_eq "what the hooks said" "$(cat "$T/git.err")" ""
	expect_waiting true
}

expect_waiting() # true|false
{
	expect_json "what waits" "$(runwake db status --json 2>/dev/null || :)" '.waiting_bytes > 0' "$1"
}

expect_all_recorded()
{
	expect_each_movement_once
	expect_waiting false
	expect_json "set aside" "$(runwake db status --json)" .quarantined "${1:-0}"
}

set_up()
{
	runwake db use "$PROXY_URL" >/dev/null
	runwake db migrate >/dev/null
	new_repo "$REPO"
	git -C "$REPO" rev-parse HEAD >"$T/base"
	runwake install "$REPO" >/dev/null
	git -C "$REPO" commit -q --allow-empty -m "With nothing in the way"
	runwake record
	expect_all_recorded
	[ "$(times committed)" -gt 0 ] || fail "the proxy saw no commit"
}

# The server rolls back and says so; the same transaction again, with a pause that grows, succeeds.
a_rejected_commit_is_tried_again() # SQLSTATE
{
	let_wait "rejected with $1"
	mode reject "$1" 3
	runwake record
	expect_eq "rejected" "$(times reject)" 3
	expect_eq "connections for it" "$(times connect)" 1
	expect_all_recorded
}

but_not_for_ever()
{
	let_wait "rejected always"
	mode reject 40001 1000
	expect_exit 6 runwake record
	expect_match "what it says" "$(cat "$T/err")" "another recorder is writing to it"
	expect_eq "tries" "$(times commit)" 7
	runwake doctor >"$T/out" || :
	expect_match "doctor says what waits" "$(cat "$T/out")" "bytes in .* wait"
	expect_match "doctor says why" "$(cat "$T/out")" "latest recording failed: .*the proxy stands in the way"
	mode pass
	runwake record
	expect_all_recorded
}

# Nobody knows what became of it: all of it again, and what is there already changes nothing.
an_unknown_outcome_is_sent_again()
{
	local before
	let_wait "cut off after the commit"
	before=$(postgres "select count(*) from workflow_events")
	mode cut-after 1
	runwake record
	expect_eq "cut" "$(times cut)" 1
	[ "$(times committed)" -ge 2 ] || fail "the transaction was sent once"
	[ "$(postgres "select count(*) from workflow_events")" -gt "$before" ] || fail "nothing was recorded"
	expect_all_recorded
}

one_that_never_arrived_is_sent_again() # MODE…
{
	let_wait "$1"
	mode "$@"
	runwake record
	expect_eq "cut off" "$(($(times cut) + $(times shutdown)))" 2
	expect_all_recorded
}

# Each answer has its bound, which the server's statement_timeout gives; longer stalls are not waited for.
a_stall_ends() # MODE…
{
	local started
	let_wait "$1"
	mode "$@"
	started=$SECONDS
	expect_exit 6 env PGOPTIONS="-c statement_timeout=2s" runwake record
	expect_match "what it says" "$(cat "$T/err")" "does not answer in time"
	[ $((SECONDS - started)) -lt 60 ] || fail "$((SECONDS - started)) seconds"
	expect_waiting true
	mode pass
	runwake record
	expect_all_recorded
}

# The network swallows everything: also the connection cannot be made.
a_hole_ends()
{
	let_wait "a hole"
	mode hole
	# Of several hosts, libpq goes on to the next.
	mkdir -p "$T/several"
	PGCONNECT_TIMEOUT=2 XDG_STATE_HOME=$T/several runwake db use "postgresql:///runwake?host=$T/proxy,$T/pg&user=postgres" >/dev/null
	expect_exit 6 env PGCONNECT_TIMEOUT=2 runwake record
	expect_match "what it says" "$(cat "$T/err")" "does not answer in time"
	runwake_status_says "does not answer in time"
	mode pass
	runwake record
	expect_all_recorded
}

runwake_status_says() # WHY
{
	expect_exit 6 env PGCONNECT_TIMEOUT=2 runwake db status
	expect_match "status" "$(cat "$T/out")" "bytes wait.*waits for .*$1"
	PGCONNECT_TIMEOUT=2 runwake doctor >"$T/out" || :
	expect_match "doctor says what" "$(cat "$T/out")" "bytes in .* wait"
	expect_match "doctor says why" "$(cat "$T/out")" "$1"
}

# The client's machine is gone without a word, in the middle of a transaction: the server keeps its row locked for
# idle_in_transaction_session_timeout, and whoever comes waits for lock_timeout.
a_client_that_vanished_frees_the_row()
{
	local client
	let_wait "a client is gone"
	mkfifo "$T/session"
	psql -XAtqh "$T/pg" -U postgres runwake <"$T/session" >"$T/held" 2>&1 &
	client=$!
	exec 9>"$T/session"
	printf '%s\n' 'begin;' "select 'held' from runwake_migrations where name = '' for update;" >&9
	wait_until 60 grep -qx held "$T/held"
	mode pass
	expect_exit 6 env PGOPTIONS="-c lock_timeout=500ms" runwake record
	expect_match "what it says" "$(cat "$T/err")" "another recorder is writing to it"
	echo "set idle_in_transaction_session_timeout = '3s';" >&9
	runwake record
	expect_all_recorded
	exec 9>&-
	wait "$client" || :
}

a_refused_connection_is_told() # SQLSTATE MEND
{
	let_wait "refused"
	mode refuse "$1"
	expect_exit 6 runwake record
	runwake_status_says "$1: the proxy stands in the way; $2"
	# One that is refused is not asked again and again.
	expect_eq "connections" "$(times refuse)" 3
	mode pass
	runwake record
	expect_all_recorded
}

a_poor_line_is_enough() # MODE…
{
	let_wait "a poor line"
	mode "$@"
	runwake record
	mode pass
	expect_all_recorded
}

# Without a hook that starts another, the one that stays goes on by itself.
one_that_follows_goes_on()
{
	local recorder
	mode pass
	runwake record --follow 2>"$T/follow.err" &
	recorder=$!
	for fault in "cut-after 1" "cut-before 9" "shutdown 57P01 9" "reject 40001 99"; do
		# shellcheck disable=SC2086 # several words
		mode $fault
		git -C "$REPO" commit -q --allow-empty -m "followed: $fault" 2>>"$T/git.err"
		wait_until 60 has_met_it
		mode pass
		wait_until 60 is_recorded
	done
	kill "$recorder"
	wait "$recorder"
	expect_eq "what the hooks said" "$(cat "$T/git.err")" ""
	expect_all_recorded
}

has_met_it()
{
	grep -qxE 'cut|shutdown|reject' "$LOG"
}

is_recorded()
{
	[ "$(postgres "select count(*) from workflow_movements where new_hash = '$(git -C "$REPO" rev-parse HEAD)'")" = 1 ]
}

# A rule of ours refuses one value in the middle of a batch: it is set aside with the reason, alone. (What a team's own rules
# refuse waits: store_postgres_team.sh.)
one_refused_value_is_set_aside_alone()
{
	local asked
	postgres "alter table workflow_runs drop constraint workflow_runs_run_id_check;
		alter table workflow_runs add constraint workflow_runs_run_id_check check (task_input not like '%secret%')"
	let_wait "before the refused one"
	(cd "$REPO" && runwake start --workflow implement --task "Fetch the secret" >"$T/run")
	let_wait "after the refused one"
	mode pass
	runwake record
	asked=$(times commit)
	[ "$asked" -lt 40 ] || fail "$asked transactions for one bad event"
	expect_all_recorded 1
	runwake doctor >"$T/out" || :
	expect_match "doctor" "$(cat "$T/out")" "workflow_runs_run_id_check"
	expect_eq "the value in what is told" "$(grep -c "Fetch the" "$T/out")" 0
	expect_eq "the run's row" "$(postgres "select workflow_name, task_input from workflow_runs where run_id = '$(cat "$T/run")'")" \
	    "unknown|"
}

# What the objects say of a commit is no line of the spool: the others' facts are taken, and this one's are asked again.
one_refused_commit_keeps_no_other()
{
	mode pass
	postgres "alter table workflow_commits add constraint no_names check (subject not like '%codename%')"
	git -C "$REPO" commit -q --allow-empty -m "Before it"
	git -C "$REPO" commit -q --allow-empty -m "The codename"
	git -C "$REPO" commit -q --allow-empty -m "After it"
	wait_until 60 no_recorder_is_left
	expect_exit 0 runwake record
	expect_match "what it says" "$(cat "$T/err")" "no_names"
	expect_exit 0 runwake list
	expect_eq "commits" "$(postgres "select string_agg(subject, ',' order by subject) from workflow_commits where subject like '% it'")" \
	    "After it,Before it"
	postgres "alter table workflow_commits drop constraint no_names"
	expect_exit 0 runwake record
	expect_eq "what it says" "$(cat "$T/err")" ""
	expect_all_recorded 1
	expect_eq "commits" "$(postgres "select count(*) from workflow_commits where subject like '%codename%'")" 1
}

mkdir "$T/proxy"
echo pass >"$T/mode"
"$BUILD/tests/e2e/tool_postgres_proxy" "$T/pg/.s.PGSQL.5432" "$T/proxy/.s.PGSQL.5432" "$T/mode" "$LOG" &
PROXY=$!
trap 'kill "$PROXY"; clean_up' EXIT
PROXY_URL="postgresql:///runwake?host=$T/proxy&user=postgres"
wait_until 60 grep -q listening "$LOG" || { echo "Bail out! no proxy"; exit 1; }

t "with nothing in the way" set_up
t "a serialization failure at COMMIT is tried again" a_rejected_commit_is_tried_again 40001
t "a deadlock is tried again" a_rejected_commit_is_tried_again 40P01
t "an outcome that the server itself does not know is tried again" a_rejected_commit_is_tried_again 40003
t "a pooler that lost its server is tried again" a_rejected_commit_is_tried_again 08006
t "but not for ever" but_not_for_ever
t "a connection cut off after COMMIT, before its answer: sent again" an_unknown_outcome_is_sent_again
t "cut off before COMMIT arrives: sent again" one_that_never_arrived_is_sent_again cut-before 2
t "a server that is shut down in mid-transaction: sent again" one_that_never_arrived_is_sent_again shutdown 57P01 2
t "a server that stalls" a_stall_ends stall
t "a peer that vanishes after COMMIT" a_stall_ends vanish 1
t "a network that swallows everything" a_hole_ends
t "a client that vanished while it held the row" a_client_that_vanished_frees_the_row
t "too many connections" a_refused_connection_is_told 53300 "allow more connections"
t "a slow server" a_poor_line_is_enough slow 30
t "a line that breaks everything into bytes" a_poor_line_is_enough fragment
t "a recorder that follows" one_that_follows_goes_on
t "one value that the database refuses" one_refused_value_is_set_aside_alone
t "one commit that the database refuses" one_refused_commit_keeps_no_other
end_tests
