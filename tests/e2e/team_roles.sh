#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Roles of least privilege on a team's database: a machine that may only insert events, somebody who folds them, a reader;
# and the ledger in partitions. The server is this script's own.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"

start_postgres || { echo "1..0 # SKIP no PostgreSQL server is installed"; exit 0; }
CLUSTER=$ROOT/tests/postgres_cluster.sh
REPO=$T/project

url_of() # ROLE [DATABASE]
{
	echo "postgresql:///${2:-runwake}?host=$T/pg&user=$1"
}

as() # ROLE SQL
{
	psql -XAtq -F '|' -v ON_ERROR_STOP=1 -v VERBOSITY=verbose -h "$T/pg" -U "$1" -c "$2" runwake
}

expect_refused() # ROLE SQL SQLSTATE
{
	! as "$1" "$2" >"$T/out" 2>"$T/err" || fail "$1 was let: $2"
	expect_match "$2" "$(cat "$T/err")" "ERROR:  $3"
}

# The settings of whoever is meant; the state directories are apart.
be() # NAME
{
	export XDG_STATE_HOME=$T/$1/state XDG_CONFIG_HOME=$T/$1/config
	STATE=$XDG_STATE_HOME/runwake
	mkdir -p "$XDG_STATE_HOME" "$XDG_CONFIG_HOME"
}

commits() # NUMBER PREFIX
{
	local n
	for ((n = 0; n < $1; n++)); do
		git -C "$REPO" commit -q --allow-empty -m "$2 $n" 2>>"$T/git.err"
	done
}

local_events()
{
	in_store_now "select count(*) from workflow_events where type <> 'edited'"
}

roles_are_made_once_and_again()
{
	be owner
	runwake db use "$POSTGRES_URL" >/dev/null
	expect_exit 6 runwake db migrate --optional roles
	runwake db migrate >/dev/null
	expect_exit 2 runwake db migrate --optional nonsense
	runwake db migrate --optional roles --dry-run >"$T/roles.sql"
	expect_eq "roles after a dry run" "$(postgres "select count(*) from pg_roles where rolname like 'runwake%'")" 0
	psql -Xq -v ON_ERROR_STOP=1 -1 -h "$T/pg" -U postgres -f "$T/roles.sql" runwake
	runwake db migrate --optional roles
	expect_eq "roles" "$(postgres "select string_agg(rolname, ' ' order by rolname) from pg_roles where rolname like 'runwake%'")" \
	    "runwake_folder runwake_machine runwake_reader"
	# What is migrated after them they know nothing of.
	postgres "delete from runwake_migrations where name like '20261128_180000%'"
	runwake db migrate 2>"$T/err" >/dev/null
	expect_match "migrated again" "$(cat "$T/err")" "apply them again with 'runwake db migrate --optional roles'"
	runwake db migrate 2>"$T/err" >/dev/null
	expect_eq "nothing to migrate" "$(cat "$T/err")" ""
	postgres "create role laptop login in role runwake_machine"
	postgres "create role desktop login in role runwake_machine"
	postgres "create role folder login in role runwake_folder"
	postgres "create role ann login in role runwake_reader"
	postgres "create role stranger login"
	expect_json "the owner's role" "$(runwake db status --json)" '.role + " " + .role_name + " " + .role_lacks' "full postgres "
}

event_sql() # ID HOST
{
	echo "insert into workflow_events (id, type, version, at, host, payload, recorded_at)
		values ('$1', 'gap', 1, now(), '$2', '{}', now()) on conflict do nothing"
}

a_machine_may_only_insert_its_own()
{
	local id=01a20463-0000-7000-8000-000000000001
	expect_refused laptop "select 1 from workflow_events" 42501
	expect_refused laptop "update workflow_events set payload = '{}'" 42501
	expect_refused laptop "delete from workflow_events" 42501
	expect_refused laptop "select 1 from workflow_runs" 42501
	expect_refused laptop "insert into workflow_runs (run_id, workflow_name, task_input) values ('x', 'y', 'z')" 42501
	expect_refused laptop "select 1 from runwake_migrations" 42501
	expect_refused laptop "insert into workflow_events (id, type, version, at, host, payload, recorded_at, folded_at)
		values ('$id', 'gap', 1, now(), 'laptop', '{}', now(), now())" 42501
	expect_refused laptop "$(event_sql "$id" desktop)" 42501
	expect_refused laptop "set role runwake_machine; $(event_sql "$id" desktop)" 42501
	expect_refused laptop "set role desktop" 42501
	expect_refused laptop "copy workflow_events from stdin" 42501 </dev/null
	expect_refused laptop "copy workflow_events to stdout" 42501
	expect_refused laptop "truncate workflow_events" 42501
	expect_refused laptop "$(event_sql "$id" laptop) returning id" 42501
	# Whatever table there is, also one that comes with a later migration.
	expect_eq "rights on whole tables" "$(postgres "select string_agg(relname, ' ') from pg_class where relkind in ('r', 'v', 'p', 'S')
		and relnamespace = cast('public' as regnamespace)
		and (has_table_privilege('laptop', oid, 'select, insert, update, delete, truncate, references, trigger')
			or has_any_column_privilege('laptop', oid, 'select, update, references'))")" ""
	expect_eq "tables to insert into" "$(postgres "select string_agg(relname, ' ') from pg_class where relkind in ('r', 'v', 'p')
		and relnamespace = cast('public' as regnamespace) and has_any_column_privilege('laptop', oid, 'insert')")" workflow_events
	expect_eq "rows" "$(postgres "select count(*) from workflow_events")" 0
	as laptop "$(event_sql "$id" laptop)"
	as laptop "$(event_sql "$id" laptop)"
	expect_eq "rows" "$(postgres "select count(*), count(folded_at) from workflow_events")" "1|0"
	postgres "delete from workflow_events"
	be misled
	runwake db use "$(url_of laptop)" 2>"$T/err" || :
	XDG_STATE_HOME=$T/misled/state RUNWAKE_STORE=$(url_of laptop) runwake doctor >"$T/out" || :
	expect_match "doctor" "$(cat "$T/out")" "runwake.feed"
	RUNWAKE_STORE=$(url_of laptop) runwake db status >"$T/out"
	expect_match "status" "$(cat "$T/out")" "machine \(laptop\)"
}

work() # PREFIX; a run that commits, and leaves edits
{
	local run
	cd "$REPO"
	run=$(runwake start --workflow implement --task "$1" --session "$1")
	commits 5 "$1"
	printf 'one\ntwo\n' >"$1"
	git add "$1"
	git commit -q -m "Add $1"
	printf 'three\n' >>"$1"
	runwake finish "$run" --status completed >/dev/null
	cd "$T"
	echo "$run"
}

a_machine_feeds_and_another_folds()
{
	be laptop
	write_settings "	host = laptop"
	wired_repo "$REPO"
	commits 3 "before feeding"
	wait_until 60 no_recorder_is_left
	runwake record
	write_settings "	host = laptop" "	feed = $(url_of laptop)"
	work one >"$T/run"
	is_fed
	expect_eq "events in the database" "$(postgres "select count(*), count(folded_at) from workflow_events")" "$(local_events)|0"
	expect_eq "runs in the database" "$(postgres "select count(*) from workflow_runs")" 0
	expect_json "the machine's own record" "$(runwake show --json "$(cat "$T/run")")" '.commits | length' 6
	be folder
	runwake db use "$(url_of folder)" >/dev/null
	expect_json "the folder's role" "$(runwake db status --json)" '.role + " " + .role_name' "folder folder"
	expect_match "what waits" "$(runwake db status)" "to fold .*events wait"
	expect_match "folded" "$(runwake db fold)" "^[0-9]+ events folded$"
	expect_eq "unfolded" "$(postgres "select count(*) from workflow_events where folded_at is null")" 0
	expect_json "show" "$(runwake show --json "$(cat "$T/run")")" '(.commits | length | tostring) + " " + .run.host' "6 laptop"
}

# What a recorder with all rights makes of the same ledger, in a database of its own.
the_tables_are_what_a_full_recording_makes()
{
	local table columns
	psql -Xqh "$T/pg" -U postgres -c 'create database other' postgres
	be other
	runwake db use "$(url_of postgres other)" >/dev/null
	runwake db migrate >/dev/null
	# Out of order, as if another machine had fed it.
	psql -XAtqh "$T/pg" -U postgres -c "copy (select id, type, version, at, host, workflow_run_id, payload, recorded_at
		from workflow_events order by md5(cast(id as text))) to stdout" runwake |
	    psql -Xqh "$T/pg" -U postgres -c "copy workflow_events (id, type, version, at, host, workflow_run_id, payload, recorded_at)
		from stdin" other
	runwake record	# with full rights: it folds what waits
	expect_eq "unfolded" "$(psql -XAtqh "$T/pg" -U postgres -c 'select count(*) from workflow_events where folded_at is null' other)" 0
	compare_tables "postgresql:///other?host=$T/pg&user=postgres"
	# And what the machine's own store holds, which it folded as it came.
	be laptop
	in_store_now "select run_id, status, git_diff_added_lines, own_added_lines,
		uncommitted_added_lines, git_branch, host, final_commit_hash from workflow_runs order by run_id" >"$T/local"
	postgres "select run_id, status, git_diff_added_lines, own_added_lines, uncommitted_added_lines, git_branch, host,
		final_commit_hash from workflow_runs order by run_id" >"$T/team"
	expect_same "runs" "$T/team" "$T/local"
	for table in movements commits pushes rewrites edits run_files; do
		expect_eq "$table" "$(postgres "select count(*) from workflow_$table")" \
		    "$(in_store_now "select count(*) from workflow_$table")"
	done
	columns="id, verdict, reason, branch, run_evidence, examined"
	in_store_now "select $columns from workflow_movements order by id" >"$T/local"
	postgres "select id, verdict, reason, branch, run_evidence, cast(examined as integer) from workflow_movements order by id" >"$T/team"
	expect_same "movements" "$T/team" "$T/local"
}

compare_tables() # URL of the other database
{
	local table
	for table in runs movements commits examinations evidence ref_movements rewrites pushes edits run_files days workspaces repositories worktrees; do
		psql -XAtq "$1" -c "select to_jsonb(t) - 'updated_at' from workflow_$table t order by 1" >"$T/other.rows"
		postgres "select to_jsonb(t) - 'updated_at' from workflow_$table t order by 1" >"$T/team.rows"
		expect_same "workflow_$table" "$T/other.rows" "$T/team.rows"
	done
}

an_outage_of_the_feed_slows_nothing()
{
	local before
	be laptop
	"$CLUSTER" stop "$T/pg"
	work two >"$T/run"
	expect_eq "what the hooks said" "$(cat "$T/git.err")" ""
	expect_json "recorded here" "$(runwake show --json "$(cat "$T/run")")" '.commits | length' 6
	wait_until 60 no_recorder_is_left
	before=$(runwake db status --json | jq .feed_waiting)
	[ "$before" -gt 10 ] || fail "only $before events wait"
	expect_exit 6 runwake db feed
	runwake doctor >"$T/out" || :
	expect_match "doctor" "$(cat "$T/out")" "events wait to be told: .*connect"
	expect_match "status" "$(runwake db status)" "events wait to be told: .*connect"
	# It is not tried with each command, but only after a while, which by now is a minute, so that no slow machine needs it.
	for _ in 1 2 3 4 5; do
		expect_exit 6 runwake db feed
	done
	expect_eq "tried again at once" "$(failures)" "$(runwake list >/dev/null; wait_until 60 no_recorder_is_left; failures)"
	"$CLUSTER" start "$T/pg"
	runwake db feed
	expect_eq "what is left" "$(runwake db status --json | jq .feed_waiting)" 0
	expect_eq "events" "$(postgres "select count(*) from workflow_events")" "$(local_events)"
	expect_eq "problem" "$(runwake db status --json | jq .feed_problem)" null
}

failures()
{
	in_store_now "select failures from workflow_feeds"
}

# The one that stays tries again without anything new to record, and is there until it succeeded.
a_recorder_that_stays_tries_again()
{
	local recorder
	be laptop
	"$CLUSTER" stop "$T/pg"
	runwake record --follow --idle 1 2>"$T/follow.err" &
	recorder=$!
	commits 2 "while it is away"
	wait_until 60 feeding_failed
	"$CLUSTER" start "$T/pg"
	wait_until 60 everything_is_fed
	wait "$recorder"
	expect_eq "what it said" "$(cat "$T/follow.err")" ""
	wait_until 60 no_recorder_is_left
	expect_eq "events" "$(postgres "select count(*) from workflow_events")" "$(local_events)"
}

feeding_failed()
{
	[ "$(failures)" -gt 0 ]
}

# Killed while the database has the events and has not committed them, and the server with it: each arrives, once.
a_feeder_is_killed()
{
	local n feeder
	be laptop
	for n in 1 2 3; do
		"$CLUSTER" stop "$T/pg"
		commits 40 "kill $n"
		wait_until 60 no_recorder_is_left
		"$CLUSTER" start "$T/pg"
		hold workflow_events
		runwake db feed >/dev/null 2>&1 &
		feeder=$!
		wait_until 60 holds workflow_events "not granted"
		kill -9 "$feeder"
		wait "$feeder" || :
		if [ "$n" -eq 2 ]; then
			"$CLUSTER" kill "$T/pg"
			"$CLUSTER" start "$T/pg"
		else
			let_go workflow_events
		fi
		wait
	done
	runwake db feed
	expect_eq "events" "$(postgres "select count(*) from workflow_events")" "$(local_events)"
}

# In the middle of its transaction, with some tables changed already: nothing of it stands, and the next one does it all.
a_folder_is_killed()
{
	local folder before
	be folder
	before=$(unfolded)
	[ "$before" -gt 100 ] || fail "only $before events wait"
	hold workflow_days
	runwake db fold >/dev/null 2>&1 &
	folder=$!
	wait_until 60 holds workflow_days "not granted"
	kill -9 "$folder"
	wait "$folder" || :
	let_go workflow_days
	wait
	expect_eq "what waits" "$(unfolded)" "$before"
	runwake db fold
	expect_eq "what waits" "$(unfolded)" 0
	expect_eq "movements" "$(postgres "select count(*) from workflow_movements where verdict = 'made'")" \
	    "$(git -C "$REPO" rev-list --count HEAD~1)"
}

unfolded()
{
	postgres "select count(*) from workflow_events where folded_at is null and set_aside is null"
}

# Whoever may insert may insert anything.
bad_events_are_set_aside()
{
	local bad n=0
	for bad in "'gap', 1, now(), '{}'" "'nonsense', 1, now(), '{}'" "'gap', 99, now(), '{}'" "'gap', 1, 'infinity', '{}'" \
	    "'gap', 1, '4000-01-01 BC', '{}'" "'gap', 1, now(), null" "'gap', 1, now(), '[1e400]'" "'gap', 1, now(), '\"text\"'" \
	    "'run-ended', 1, now(), '{\"run_id\":\"x\",\"status\":\"gone\"}'" \
	    "'moved', 1, now(), '{\"repository_id\":\"$(printf 'x%.0s' {1..5000})\"}'" \
	    "'gap', 1, now(), cast(repeat('[', 3000) || repeat(']', 3000) as jsonb)" \
	    "'gap', -2147483648, '293000-01-01', '{\"\\u001b[31m\":1}'"; do
		n=$((n + 1))
		as laptop "insert into workflow_events (id, type, version, at, payload, host, recorded_at)
			values ('00000000-0000-0000-0000-0000000000$((10 + n))', $bad, 'laptop', now())"
	done
	as laptop "insert into workflow_events (id, type, version, at, payload, host, recorded_at)
		values ('ffffffff-ffff-ffff-ffff-ffffffffffff', 'gap', 1, now(), '{\"repository_id\":\"11111111-1111-8111-8111-111111111111\",\"reason\":\"test\"}', 'laptop', now())"
	be folder
	runwake db fold
	expect_eq "set aside" "$(postgres "select count(*) from workflow_events where set_aside is not null")" "$n"
	expect_eq "waiting" "$(postgres "select count(*) from workflow_events where folded_at is null and set_aside is null")" 0
	expect_eq "the good one" "$(postgres "select count(*) from workflow_gaps where reason = 'test'")" 1
	expect_json "status" "$(runwake db status --json)" ".events_set_aside" "$n"
	expect_eq "escapes" "$(runwake db status | grep -c $'\033' || :)" 0
	runwake doctor >"$T/out" || :
	expect_match doctor "$(cat "$T/out")" "events of machines were set aside"
	# What a newer program wrote is tried again by one that is as new.
	postgres "update workflow_events set version = 1, payload = '{\"repository_id\":\"11111111-1111-8111-8111-111111111111\",\"reason\":\"newer\"}'
		where version = 99"
	runwake db fold
	expect_eq "taken up again" "$(postgres "select count(*) from workflow_gaps where reason = 'newer'")" 1
}

folding_follows()
{
	local pid
	be folder
	runwake db fold --follow >"$T/follow.out" 2>&1 &
	pid=$!
	be laptop
	commits 3 "followed"
	runwake record
	wait_until 60 everything_is_fed
	wait_until 60 nothing_waits
	kill -TERM "$pid"
	wait "$pid"
	expect_eq "what it said" "$(cat "$T/follow.out")" ""
}

nothing_waits()
{
	[ "$(unfolded)" = 0 ]
}

a_reader_reads()
{
	local run
	run=$(cat "$T/run")
	be ann
	write_settings
	runwake db use "$(url_of ann)" >/dev/null
	expect_json "role" "$(runwake db status --json)" '.role + " " + .role_name' "reader ann"
	expect_json list "$(runwake list --json)" '.runs | length > 0' true
	expect_json show "$(runwake show --json "$run")" '.commits | length' 6
	runwake log "$run" >/dev/null
	expect_exit 6 runwake say "$run" "Nobody would hear it"
	expect_match "say" "$(cat "$T/err")" "role 'ann' may only read"
	runwake record
	expect_refused ann "update workflow_runs set task_input = 'x'" 42501
	expect_refused ann "insert into workflow_unfed values ('11111111-1111-8111-8111-111111111111')" 42501
	# What machines left to be folded does not keep a reader.
	be laptop
	commits 1 "unfolded"
	is_fed
	be ann
	runwake list >/dev/null 2>"$T/err"
	expect_eq "said" "$(cat "$T/err")" ""
	# What waits here cannot be recorded by who may only read: said, and kept.
	new_repo "$T/of-ann"
	runwake install "$T/of-ann" >/dev/null
	git -C "$T/of-ann" commit -q --allow-empty -m "of a reader"
	wait_until 60 no_recorder_is_left
	runwake list >"$T/out" 2>"$T/err"
	expect_match "said" "$(cat "$T/err")" "bytes wait in the spool, and the database's role 'ann' may not record them"
	expect_match "shown all the same" "$(cat "$T/out")" implement
	expect_exit 6 runwake record
	expect_match "record" "$(cat "$T/err")" "it lacks insert on messages"
	runwake doctor >"$T/out" || :
	expect_match doctor "$(cat "$T/out")" "reader, as 'ann'"
}

word_in_team()
{
	pg_dump -h "$T/pg" -U postgres --data-only --inserts runwake | grep -c Kaleidoskop || :
}

say_words() # of a run that is over: prints its id
{
	local run
	cd "$REPO"
	run=$(runwake start --workflow implement --task "Kaleidoskop task" --metadata note=Kaleidoskop)
	runwake finish "$run" --status failed --result "Kaleidoskop result" --error "Kaleidoskop error" >/dev/null
	cd "$T"
	is_fed
	echo "$run"
}

# A machine may not read what it told the team, let alone change it: what it forgets goes as an event, and whoever folds
# blanks it, whether its words are in the tables already or still wait to be folded.
a_purge_on_a_machine_reaches_the_team()
{
	local folded waiting
	needs pg_dump
	be laptop
	folded=$(say_words)
	be folder
	runwake db fold
	be laptop
	waiting=$(say_words)
	[ "$(word_in_team)" -gt 3 ] || fail "the team was not told"
	runwake purge "$folded" --yes >/dev/null
	runwake purge "$waiting" --yes >/dev/null
	is_fed
	be folder
	runwake db fold
	expect_eq "what is left in the team's database" "$(word_in_team)" 0
	expect_eq "runs that are purged" "$(postgres "select count(*) from workflow_runs where purged_at is not null and status = 'failed'
		and run_id in ('$folded', '$waiting')")" 2
	# A machine that comes later tells it all again.
	be laptop
	sqlite "$STATE/runwake.db" "insert into workflow_unfed (event_id)
		select id from workflow_events where type in ('run-started', 'run-ended', 'purged') on conflict do nothing"
	is_fed
	be folder
	runwake db fold
	expect_eq "told again" "$(word_in_team)" 0
}

t "roles are made, once and again" roles_are_made_once_and_again
t "a machine may insert its own events and no more" a_machine_may_only_insert_its_own
t "a machine feeds, another folds" a_machine_feeds_and_another_folds
t "the tables are what a recorder with all rights makes" the_tables_are_what_a_full_recording_makes
t "an outage of the feed slows and loses nothing" an_outage_of_the_feed_slows_nothing
t "a recorder that stays tries again by itself" a_recorder_that_stays_tries_again
t "feeder and server killed" a_feeder_is_killed
t "a folder is killed" a_folder_is_killed
t "bad events are set aside" bad_events_are_set_aside
t "a purge on a machine reaches the team" a_purge_on_a_machine_reaches_the_team
t "folding follows" folding_follows
t "a reader reads, and is told what it cannot write" a_reader_reads
end_tests
