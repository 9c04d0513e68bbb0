#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The record moves from a file into a team's database and back, while commits go on, while it is killed, and while the
# server goes away. The server is this script's own.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"

start_postgres || { echo "1..0 # SKIP no PostgreSQL server is installed"; exit 0; }
CLUSTER=$ROOT/tests/postgres_cluster.sh
REPO=$T/project
FILE_URL=sqlite:$STATE/runwake.db
COMMITS=700	# without hooks: a line of HEAD's log, one of the branch's, and what the objects say of each

database_url() # NAME
{
	printf 'postgresql:///%s?host=%s&user=postgres' "$1" "$T/pg"
}

new_database() # NAME; migrated
{
	psql -Xqh "$T/pg" -U postgres -c "create database $1" postgres
	runwake db migrate "$(database_url "$1")" >/dev/null
}

in_database() # NAME SQL
{
	psql -XAtq -v ON_ERROR_STOP=1 -h "$T/pg" -U postgres -c "$2" "$1"
}

commits() # NUMBER PREFIX [OPTION…]
{
	local n number=$1 prefix=$2
	shift 2
	for ((n = 0; n < number; n++)); do
		git -C "$REPO" "$@" commit -q --allow-empty -m "$prefix $n"
	done
}

# From git's own word, each once.
expect_all_recorded() # NAME
{
	in_database "$1" "select new_hash from workflow_movements where verdict = 'made'" | sort >"$T/actual"
	git -C "$REPO" rev-list main --not "$(cat "$T/base")" | sort >"$T/expected"
	expect_same "movements" "$T/actual" "$T/expected"
}

a_history_is_made()
{
	new_repo "$REPO"
	git -C "$REPO" rev-parse HEAD >"$T/base"
	runwake install "$REPO" >/dev/null
	cd "$REPO"
	runwake start --workflow implement --task "Move house ☂" --session moving >"$T/run"
	printf 'one\ntwo\n' >file
	git add file
	git commit -q -m "A file"
	echo three >>file
	runwake finish "$(cat "$T/run")" --status completed --result "Done"
	commits "$COMMITS" "many" -c core.hooksPath=/dev/null
	runwake record --all
	in_store "select count(*) from workflow_events" >"$T/events"
	[ "$(cat "$T/events")" -gt $((2 * COMMITS)) ] || fail "too few events: $(cat "$T/events")"
}

what_cannot_be_copied_is_refused()
{
	expect_exit 6 runwake db copy "$POSTGRES_URL"
	expect_match "not migrated" "$(cat "$T/err")" "runwake db migrate"
	expect_exit 4 runwake db copy "sqlite:$T/nowhere.db" "$POSTGRES_URL"
	[ ! -e "$T/nowhere.db" ] || fail "a store was made by mistake"
	expect_exit 2 runwake db copy "$FILE_URL"
	expect_match "into itself" "$(cat "$T/err")" "itself"
	expect_exit 2 runwake db copy "sqlite:$T/other.db" "$POSTGRES_URL" --use
	expect_exit 2 env RUNWAKE_STORE="$FILE_URL" runwake db copy --use "$POSTGRES_URL"
	expect_match "named by hand" "$(cat "$T/err")" "RUNWAKE_STORE"
	expect_exit 2 runwake db copy "postgresql://ann:hush@localhost/runwake"
	expect_eq "the password in the refusal" "$(grep -c hush "$T/err")" 0
	expect_exit 2 runwake db copy
}

there_and_back_again()
{
	new_database there
	runwake db copy "$(database_url there)" --json >"$T/there.json" 2>"$T/err"
	expect_json "copied" "$(cat "$T/there.json")" '[.equal, .alone, .used] | map(tostring) | join(" ")' "true true false"
	expect_json "events" "$(cat "$T/there.json")" .events_copied "$(cat "$T/events")"
	expect_json "what is compared" "$(cat "$T/there.json")" '.tables | length > 20' true
	runwake db copy "$(database_url there)" "sqlite:$T/back.db" --json >"$T/back.json"
	expect_eq "sums" "$(jq -c '[.tables[] | [.table, .rows, .sha256_to]]' "$T/back.json")" \
	    "$(jq -c '[.tables[] | [.table, .rows, .sha256_from]]' "$T/there.json")"
	# By another program than Runwake: every row of the table that matters most.
	sqlite "$STATE/runwake.db" "select * from workflow_runs order by id" >"$T/one"
	sqlite "$T/back.db" "select * from workflow_runs order by id" >"$T/other"
	expect_same "runs" "$T/other" "$T/one"
	expect_eq "a sum, taken with sha256sum" \
	    "$(sqlite "$STATE/runwake.db" "select repository_id from workflow_unobserved order by 1" |
	        while read -r id; do printf '%d:%s' "${#id}" "$id"; done | sha256sum | cut -d' ' -f1)" \
	    "$(jq -r '.tables[] | select(.table == "workflow_unobserved") | .sha256_from' "$T/there.json")"
	runwake db copy "$(database_url there)" >"$T/out"
	expect_match "again" "$(cat "$T/out")" "0 events copied; both hold the same"
}

# A row that somebody changed in the copy.
a_difference_is_told()
{
	in_database there "update workflow_runs set result = 'Undone'"
	expect_exit 1 runwake db copy "$(database_url there)"
	expect_match "table" "$(cat "$T/out")" "workflow_runs +1 +[0-9a-f]{12} +1 different"
	expect_match "outcome" "$(cat "$T/out")" "does not hold all of it"
	expect_exit 1 runwake db copy --use "$(database_url there)"
	expect_eq "the store" "$(runwake db status --json | jq -r .driver)" sqlite
}

copied_so_far() # NAME AT-LEAST
{
	[ "$(in_database "$1" "select count(*) from workflow_events")" -ge "$2" ]
}

# Somebody is about to write the last of the events, so that the copy comes to the middle and no further.
hold_the_last_event() # NAME
{
	psql -Xqh "$T/pg" -U postgres -c "begin; insert into workflow_events (id, type, version, at, host, payload, recorded_at)
		values ('$(in_store_now "select max(id) from workflow_events")', 'gap', 1, now(), 'x', '{}', now()); select pg_sleep(600)" "$1" \
	    >/dev/null 2>&1 &
	wait_until 60 somebody_sleeps "$1"
}

somebody_sleeps() # NAME
{
	[ "$(in_database "$1" "select count(*) from pg_stat_activity where datname = '$1' and wait_event = 'PgSleep'")" = 1 ]
}

is_in_the_middle() # NAME
{
	[ "$(in_database "$1" "select count(*) from pg_locks where not granted")" -gt 0 ] && copied_so_far "$1" 1
}

killed_it_goes_on()
{
	local child
	new_database killed
	hold_the_last_event killed
	runwake db copy "$(database_url killed)" >"$T/out" 2>&1 &
	child=$!
	wait_until 60 is_in_the_middle killed
	kill -9 "$child"
	wait "$child" || :
	! copied_so_far killed "$(cat "$T/events")" || fail "it was done before it was killed"
	in_database killed "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'" >/dev/null
	runwake db copy "$(database_url killed)" --json >"$T/killed.json"
	expect_json "resumed" "$(cat "$T/killed.json")" "[.equal, .events_copied < $(cat "$T/events")] | map(tostring) | join(\" \")" \
	    "true true"
}

an_outage_is_told_and_survived()
{
	local child status=0
	new_database outage
	hold_the_last_event outage
	runwake db copy "$(database_url outage)" >"$T/out" 2>"$T/err" &
	child=$!
	wait_until 60 is_in_the_middle outage
	"$CLUSTER" stop "$T/pg"
	wait "$child" || status=$?
	expect_eq "exit" "$status" 6
	expect_match "what to do" "$(cat "$T/err")" "run it again"
	"$CLUSTER" start "$T/pg"
	runwake db copy "$(database_url outage)" >"$T/out"
	expect_match "resumed" "$(cat "$T/out")" "both hold the same"
}

commits_go_on()
{
	while [ -e "$T/go-on" ]; do
		commits 1 "while it moves"
	done
}

it_goes_on()
{
	git -C "$REPO" log -1 --format=%s | grep -q 'while it moves'
}

# Not one event falls between the two stores.
it_moves_while_commits_go_on()
{
	local child
	new_database team
	touch "$T/go-on"
	commits_go_on &
	child=$!
	wait_until 60 it_goes_on
	runwake db copy --use "$(database_url team)" >"$T/out"
	expect_match "outcome" "$(cat "$T/out")" "both hold the same.*the store is now postgresql:"
	rm "$T/go-on"
	wait "$child"
	[ "$(git -C "$REPO" log --oneline --grep 'while it moves' | wc -l)" -gt 5 ] || fail "nothing happened meanwhile"
	commits 3 "after it moved"
	wait_until 60 no_recorder_is_left
	runwake record
	expect_all_recorded team
	expect_eq "events that are there twice" "$(in_database team "select count(*) - count(distinct id) from workflow_events")" 0
	expect_eq "commits that are only there" "$(in_database team "select count(*) > 2 from workflow_commits where subject like 'after it%'")" t
	expect_json "the store" "$(runwake db status --json)" .driver postgres
	expect_match "the run" "$(runwake show "$(cat "$T/run")")" "Move house ☂"
	expect_match "what it left uncommitted" "$(runwake diff "$(cat "$T/run")" --uncommitted)" '\+three'
}

# Two machines with a record each.
a_team_takes_both()
{
	export XDG_STATE_HOME=$T/second
	wired_repo "$T/second-project"
	commit_file "$T/second-project" other "by the second machine" "Second"
	wait_until 60 no_recorder_is_left
	runwake db copy --use "$(database_url team)" >"$T/out"
	expect_match "outcome" "$(cat "$T/out")" "beside what was there before.*the store is now"
	expect_eq "both" "$(in_database team "select count(distinct repository_id) from workflow_movements")" 2
	expect_eq "its commit" "$(in_database team "select count(*) from workflow_commits where subject = 'Second'")" 1
	runwake verify "$T/second-project"
}

back_into_a_file()
{
	local before
	before=$(runwake list --json | jq -cS .)
	runwake db copy --use "sqlite:$T/home.db" >"$T/out"
	expect_match "outcome" "$(cat "$T/out")" "both hold the same.*the store is now sqlite:"
	expect_eq "runs" "$(runwake list --json | jq -cS .)" "$before"
	expect_eq "integrity" "$(sqlite "$T/home.db" "pragma integrity_check")" ok
}

t "a history" a_history_is_made
t "what cannot be copied is refused" what_cannot_be_copied_is_refused
t "from a file to a server and back: every sum is the same" there_and_back_again
t "a difference is told, and nothing moves" a_difference_is_told
t "killed in the middle, it goes on" killed_it_goes_on
t "an outage in the middle is told, and it goes on" an_outage_is_told_and_survived
t "a move while commits go on" it_moves_while_commits_go_on
t "two machines move into one database" a_team_takes_both
t "back into a file" back_into_a_file
end_tests
