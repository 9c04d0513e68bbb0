#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A team's store in PostgreSQL: how a state directory comes to it, and that an outage costs neither git nor the record
# anything. The server is this script's own.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"

start_postgres || { echo "1..0 # SKIP no PostgreSQL server is installed"; exit 0; }
CLUSTER=$ROOT/tests/postgres_cluster.sh
REPO=$T/project
# Of an outage, 10,000 events: each commit has its movement, the marker's evidence and what the objects say, and one by git
# itself the branch's line.
COMMITS=200
UNSEEN=3200

commits() # NUMBER PREFIX
{
	local n
	for ((n = 0; n < $1; n++)); do
		git -C "$REPO" commit -q --allow-empty -m "$2 $n" 2>>"$T/git.err"
	done
}

movements()
{
	postgres "select count(*) from workflow_movements where verdict = 'made'"
}

# Every commit since the installation is in the table once, and in no other state than SQLite would have it.
expect_all_recorded()
{
	postgres "select new_hash from workflow_movements where verdict = 'made'" | sort >"$T/actual"
	git -C "$REPO" rev-list main --not "$(cat "$T/base")" | sort >"$T/expected"
	expect_same "movements" "$T/actual" "$T/expected"
	expect_eq "set aside" "$(runwake db status --json | jq .quarantined)" 0
	expect_eq "waiting" "$(runwake db status --json | jq .waiting_bytes)" 0
}

urls_are_refused_before_anything_changes()
{
	new_repo "$REPO"
	git -C "$REPO" rev-parse HEAD >"$T/base"
	expect_exit 2 runwake db use "postgresql://ann:hush@localhost/runwake"
	expect_eq "the password in the refusal" "$(grep -c hush "$T/err")" 0
	expect_exit 6 runwake db use "postgresql:///nothing-there?host=$T/pg&user=postgres"
	expect_exit 6 runwake db use "postgresql:///runwake?host=$T/nowhere&user=postgres"
	expect_eq "the store" "$(runwake db status --json | jq -r .driver)" sqlite
}

one_that_is_not_migrated_lets_events_wait()
{
	runwake db use "$POSTGRES_URL" >"$T/out"
	expect_match "what to do" "$(cat "$T/out")" "runwake db migrate"
	runwake install "$REPO" >/dev/null
	commits 3 "before the schema"
	wait_until 60 no_recorder_is_left
	expect_exit 6 runwake list
	expect_match "list" "$(cat "$T/err")" "runwake db migrate"
	expect_exit 6 runwake record
	expect_json "status" "$(runwake db status --json)" '.waiting_bytes > 0 and .migrations_pending > 0' true
	runwake doctor >"$T/out" || :
	expect_match "doctor" "$(cat "$T/out")" "runwake db migrate"
	runwake db migrate --dry-run >"$T/out"
	expect_match "dry run" "$(cat "$T/out")" create_core
	expect_eq "tables after a dry run" "$(postgres "select to_regclass('workflow_runs') is null")" t
	runwake db migrate
	expect_eq "left to migrate" "$(runwake db migrate --dry-run)" ""
	runwake record
	expect_eq "movements" "$(movements)" 3
	expect_all_recorded
}

the_commands_read_it()
{
	local run
	cd "$REPO"
	run=$(runwake start --workflow implement --task "What a team asks for" --session sprint)
	printf 'one\ntwo\n' >file
	git add file
	git commit -q -m "The run's commit"
	runwake finish "$run" --status completed --result "Done"
	expect_json list "$(runwake list --json)" '.runs[0] | [.run_id, .status, .own_added_lines, .session_name] | @csv' \
	    "\"$run\",\"completed\",2,\"sprint\""
	for filter in "--branch main" "--status completed" "--workflow implement" "--session sprint" "--file file"; do
		# shellcheck disable=SC2086 # an option and its value
		expect_json "list $filter" "$(runwake list $filter --json)" '.runs | length' 1
	done
	expect_json "by the session's id" "$(runwake list --json \
	    --session "$(postgres "select session_id from workflow_runs where run_id = '$run'")")" '.runs | length' 1
	expect_match show "$(runwake show "$run")" "What a team asks for"
	expect_match "show a commit" "$(runwake show "$(git rev-parse HEAD)")" "$run"
	expect_match log "$(runwake log "$run")" "The run's commit"
	expect_match diff "$(runwake diff "$run")" '\+two'
	runwake verify "$REPO"
	expect_eq "metadata" "$(postgres "select jsonb_typeof(metadata) from workflow_runs where run_id = '$run'")" object
	expect_eq "seconds" "$(postgres "select duration_seconds = floor(extract(epoch from completed_at - started_at))
	    from workflow_runs where run_id = '$run'")" t
	expect_exit 2 runwake db backup "$T/copy"
	expect_match "backup" "$(cat "$T/err")" pg_dump
	is_restored_from_a_dump "$run"
}

# As the README has it.
is_restored_from_a_dump() # RUN
{
	local PGHOST=$T/pg PGUSER=postgres
	export PGHOST PGUSER
	[ "$(pg_dump --version | grep -oE '[0-9]+' | head -n 1)" -ge "$(postgres "select current_setting('server_version_num')::int / 10000")" ] ||
		return 0	# it copies no newer server than itself
	pg_dump --format=custom --file="$T/team.dump" runwake
	commits 2 "after the dump"
	runwake record
	wait_until 60 no_recorder_is_left	# nobody may be connected
	dropdb runwake
	commits 1 "without a database"
	wait_until 60 no_recorder_is_left
	expect_exit 6 runwake db status
	expect_match "status" "$(cat "$T/out")" "bytes wait.*waits for .*database \"runwake\" does not exist; create"
	createdb runwake
	pg_restore --dbname=runwake "$T/team.dump"
	expect_json "restored" "$(runwake list --json)" '.runs[0].run_id' "$1"
	expect_exit 1 runwake verify "$REPO"
	runwake verify --repair "$REPO" >/dev/null
	expect_all_recorded
}

# An index of PostgreSQL takes some 2,700 bytes that cannot be compressed.
names_may_be_longer_than_an_index_takes()
{
	local long run
	cd "$REPO"
	long=$(head -c 60000 /dev/urandom | base64 -w 0 | tr -dc 'a-z0-9' | head -c 3300 | fold -w 200 | paste -sd/)
	expect_eq "characters" "${#long}" 3316
	git remote add origin "https://example.org/$long"
	git checkout -q -b "$long"
	run=$(runwake start --workflow implement --task "A long name")
	mkdir -p "$(dirname "$long")"
	echo one >"$long"
	git add "$long"
	git commit -q -m "A file with a long path"
	runwake finish "$run" --status completed
	expect_json "by branch" "$(runwake list --json --branch "$long")" '[.runs[].run_id] | join(" ")' "$run"
	expect_json "by file" "$(runwake list --json --file "$long")" '[.runs[].run_id] | join(" ")' "$run"
	git checkout -q main
	git merge -q --ff-only "$long"
	git remote remove origin
	runwake record
	expect_all_recorded
}

# As if a program that runs no hook had made them; with their lines in the log.
commit_unseen() # NUMBER
{
	local from
	from=$(git -C "$REPO" rev-parse HEAD)
	awk -v count="$1" -v now="$(date +%s)" 'BEGIN {
		for (i = 0; i < count; i++)
			printf "commit refs/heads/main\ncommitter Ann Example <ann@example.org> %d +0000\ndata <<END\nunseen %d\nEND\n%s\n",
			    now, i, i == 0 ? "from refs/heads/main^0" : ""
	}' | git -C "$REPO" fast-import --quiet
	git -C "$REPO" log --reverse --format='%P %H %cn <%ce> %ct +0000%x09commit: %s' "$from..main" >>"$REPO/.git/logs/HEAD"
}

an_outage_costs_nothing()
{
	local before
	cd "$REPO"
	runwake start --workflow implement --task "Through an outage" >"$T/run"
	before=$(postgres "select count(*) from workflow_events")
	"$CLUSTER" stop "$T/pg"
	commit_unseen "$UNSEEN"
	commits "$COMMITS" "while it is down"
	expect_eq "what the hooks said" "$(cat "$T/git.err")" ""
	wait_until 60 no_recorder_is_left
	expect_exit 6 runwake list
	runwake doctor >"$T/out" || :
	expect_match "doctor says what waits" "$(cat "$T/out")" "bytes in .* wait"
	expect_match "doctor says why" "$(cat "$T/out")" "store.*connect"
	expect_exit 6 runwake db status
	expect_match "status says what waits, and why" "$(cat "$T/out")" "bytes wait.*waits for .*connect"
	"$CLUSTER" start "$T/pg"
	runwake record
	expect_all_recorded
	expect_eq "events that are there twice" "$(postgres "select count(*) - count(distinct id) from workflow_events")" 0
	expect_eq "events of the outage" "$(($(postgres "select count(*) from workflow_events") - before >= 10000))" 1
	expect_eq "commits of the run" "$(runwake show --json "$(cat "$T/run")" | jq '.commits | length')" "$((COMMITS + UNSEEN))"
}

# The server dies in the middle of a batch, then the recorder does. One of the tables that it comes to last is held, so
# that it is in the middle.
killed_in_mid_batch()
{
	local before recorder status=0
	cd "$REPO"
	before=$(movements)
	"$CLUSTER" stop "$T/pg"
	commits 300 "before the kill"
	wait_until 60 no_recorder_is_left
	"$CLUSTER" start "$T/pg"
	hold workflow_days
	runwake record 2>"$T/record.err" &
	recorder=$!
	wait_until 60 holds workflow_days "not granted"
	"$CLUSTER" kill "$T/pg"
	wait "$recorder" || status=$?
	expect_eq "exit code" "$status" 6
	expect_match "the recorder" "$(cat "$T/record.err")" "store '"
	"$CLUSTER" start "$T/pg"
	expect_eq "half a batch" "$(($(movements) - before))" 0
	hold workflow_days
	runwake record &
	recorder=$!
	wait_until 60 holds workflow_days "not granted"
	kill -9 "$recorder"
	wait "$recorder" || :
	let_go workflow_days
	runwake record
	expect_all_recorded
}

# It takes connections and never answers: one recorder waits for it, not one a commit.
a_server_that_hangs_is_waited_for_once()
{
	local leader
	leader=$(head -n 1 "$T/pg/data/postmaster.pid")
	kill -STOP "$leader"
	# shellcheck disable=SC2064 # the pid as it is now
	trap "kill -CONT $leader" EXIT
	# Those that find one at work go at once, but a busy machine lets them take their time; who waits stays for longer.
	PGCONNECT_TIMEOUT=60 commits 40 "while it hangs"
	wait_until 60 one_recorder_is_left || fail "$(recorders_of_test | wc -l) recorders wait for the server"
	kill -9 "$(recorders_of_test | cut -d ' ' -f 1)"
	wait_until 60 no_recorder_is_left
	expect_exit 6 env PGCONNECT_TIMEOUT=3 runwake list
	expect_match list "$(cat "$T/err")" "does not answer in time"
	kill -CONT "$leader"
	wait_until 60 no_recorder_is_left
	runwake record
	expect_all_recorded
}

one_recorder_is_left()
{
	[ "$(recorders_of_test | wc -l)" -eq 1 ]
}

read_only_keeps_it_waiting()
{
	postgres "alter database runwake set default_transaction_read_only = on"
	commits 2 "while it is read-only"
	wait_until 60 no_recorder_is_left
	expect_exit 6 runwake list
	expect_match list "$(cat "$T/err")" "read-only"
	runwake doctor >"$T/out" || :
	expect_match doctor "$(cat "$T/out")" "read-only"
	psql -Xqh "$T/pg" -U postgres -c 'alter database runwake reset default_transaction_read_only' postgres
	runwake record
	expect_all_recorded
}

# By libpq's own means: a passfile, never the URL.
a_changed_password_is_told()
{
	postgres "alter user postgres password 'right'"
	cp -p "$T/pg/data/pg_hba.conf" "$T/hba"
	sed 's/trust$/scram-sha-256/' "$T/hba" >"$T/pg/data/pg_hba.conf"
	postgres "select pg_reload_conf()" >/dev/null
	wait_until 60 asks_for_a_password
	expect_exit 6 runwake list
	expect_match "without a password" "$(cat "$T/err")" "passfile"
	printf '*:*:*:*:wr0ng-one\n' >"$HOME/.pgpass"
	chmod 600 "$HOME/.pgpass"
	commits 2 "behind a wrong password"
	wait_until 60 no_recorder_is_left
	expect_exit 6 runwake list
	expect_match "with a wrong one" "$(cat "$T/err")" "password.*passfile"
	expect_eq "the password in what is told" "$(grep -c wr0ng "$T/err")" 0
	runwake doctor >"$T/out" || :
	expect_match doctor "$(cat "$T/out")" "password"
	printf '*:*:*:*:right\n' >"$HOME/.pgpass"
	runwake record
	expect_all_recorded
	cat "$T/hba" >"$T/pg/data/pg_hba.conf"
	postgres "select pg_reload_conf()" >/dev/null
	rm "$HOME/.pgpass"
	wait_until 60 postgres "select 1"
}

asks_for_a_password()
{
	! postgres "select 1" >/dev/null 2>&1 </dev/null
}

# Only who keeps the record in a server needs the driver, and libpq with it.
without_the_driver_events_wait()
{
	local own module
	own=$(own_prefix "$T/own")
	module=$own/libexec/runwake/runwake-postgres.so
	expect_exit 0 "$own/bin/runwake" list
	rm -f "$module"
	expect_exit 6 "$own/bin/runwake" list
	expect_match "what is missing, and the mend" "$(cat "$T/err")" "runwake-postgres.so.*install Runwake again"
	expect_exit 6 "$own/bin/runwake" record
	expect_exit 0 env XDG_STATE_HOME="$T/other" RUNWAKE_STORE="sqlite:$T/other.db" "$own/bin/runwake" list
	cp "$BUILD/libexec/hooks/post-commit" "$module"
	expect_exit 6 "$own/bin/runwake" list
	commits 2 "without the driver"
	runwake record
	expect_all_recorded
}

back_to_a_file()
{
	expect_exit 2 env RUNWAKE_STORE="sqlite:$T/else.db" runwake list
	expect_match "another store" "$(cat "$T/err")" "runwake db use"
	expect_exit 2 env RUNWAKE_STORE="$POSTGRES_URL" runwake db use "sqlite:$T/else.db"
	runwake db use "sqlite:$T/else.db"
	commits 1 "into the file"
	# The marker still names the run, whose start is in the database.
	expect_json list "$(runwake list --json)" '[.runs[].workflow_name] | join(" ")' unknown
	expect_eq "movements in the file" "$(runwake record; sqlite "$T/else.db" "select count(*) from workflow_movements")" 1
}

t "a URL that is refused, or answers nothing, changes nothing" urls_are_refused_before_anything_changes
t "events wait for the schema, which only db migrate makes" one_that_is_not_migrated_lets_events_wait
t "list, show, log, diff and verify read it; pg_dump copies it" the_commands_read_it
t "names that are longer than an index takes" names_may_be_longer_than_an_index_takes
t "an outage keeps no commit and loses no event" an_outage_costs_nothing
t "server and recorder killed in the middle of a batch" killed_in_mid_batch
t "a server that hangs" a_server_that_hangs_is_waited_for_once
t "a read-only database" read_only_keeps_it_waiting
t "a password that changed" a_changed_password_is_told
t "the driver is missing" without_the_driver_events_wait
t "back to a file" back_to_a_file
end_tests
