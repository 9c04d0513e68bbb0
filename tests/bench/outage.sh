#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What an outage of PostgreSQL costs git: the post-commit hook as a whole process and `git commit`, in each state of the
# store, beside a store that is a file, and beside no hook. In each round every state has its turn with one commit, so
# that what disturbs one disturbs all. Budget: the hook at most 1.4 times an empty program, whatever the store does.
# shellcheck source=tests/e2e/harness.sh disable=SC2164
. "$(dirname "$0")/../e2e/harness.sh"
set -e

ROUNDS=${ROUNDS:-100}
BENCH=$BUILD/tests/bench
states=(file up down hangs hole)

# A state directory and a repository for each state; each hook's recorder meets the server as it is then.
use_state() # STATE
{
	export XDG_STATE_HOME=$T/state-of-$1
	STATE=$XDG_STATE_HOME/runwake
	REPO=$T/project-of-$1
}

make_states()
{
	local state
	start_postgres || { echo "no PostgreSQL server is installed"; exit 0; }
	mkdir "$T/proxy"
	echo pass >"$T/mode"
	"$BUILD/tests/e2e/tool_postgres_proxy" "$T/pg/.s.PGSQL.5432" "$T/proxy/.s.PGSQL.5432" "$T/mode" "$T/proxy.log" &
	PROXY=$!
	"$ROOT/tests/postgres_cluster.sh" make "$T/hanging"
	HANGING=$(head -n 1 "$T/hanging/data/postmaster.pid")
	trap 'kill -CONT "$HANGING"; "$ROOT/tests/postgres_cluster.sh" stop "$T/hanging"; kill "$PROXY"; clean_up' EXIT
	wait_until 10 grep -q listening "$T/proxy.log"
	psql -Xqh "$T/pg" -U postgres -c "create database up" postgres
	psql -Xqh "$T/pg" -U postgres -c "create database hole" postgres
	for state in "${states[@]}"; do
		use_state "$state"
		mkdir -p "$XDG_STATE_HOME"
		case $state in
		up)	runwake db use "postgresql:///up?host=$T/pg&user=postgres" ;;
		hangs)	runwake db use "postgresql:///postgres?host=$T/hanging&user=postgres" ;;
		hole)	runwake db use "postgresql:///hole?host=$T/proxy&user=postgres" ;;
		esac >/dev/null
		runwake db migrate >/dev/null
		wired_repo "$REPO"
		runwake record
	done
	# A database that was there and is not: its URL is remembered, nobody listens.
	use_state down
	printf '%s\n' "postgresql:///runwake?host=127.0.0.1&port=1&user=postgres" >"$STATE/store"
	new_repo "$T/project-of-none"
	use_state file
	wait_until 60 no_recorder_is_left
	kill -STOP "$HANGING"
	echo hole >"$T/mode.new"
	mv "$T/mode.new" "$T/mode"
	wait_until 10 grep -qx "mode hole" "$T/proxy.log"
}

# The hook finds one new line in the log each time, and starts a recorder whenever none is there.
measure_hooks()
{
	local state
	for state in "${states[@]}"; do
		use_state "$state"
		printf '\n%s, hook\n' "$state"
		"$BENCH/spawn_time" "$ROUNDS" "$REPO" "$REPO/.git/logs/HEAD" - empty="$BENCH/empty" +runwake="$REPO/.git/hooks/post-commit" |
		    tee "$T/table"
		wait_until 60 no_recorder_is_left
		awk '$1 == "runwake" && $NF > 1.4 { print "over the budget of 1.4: " $NF; over = 1 } END { exit over }' "$T/table" || over=1
	done
}

now()
{
	echo "$((${EPOCHREALTIME/./}))"
}

# One whole `git commit` of each state in turn.
measure_commits()
{
	local round state started
	: >"$T/times"
	for ((round = 0; round < ROUNDS; round++)); do
		for state in none "${states[@]}"; do
			use_state "$state"
			started=$(now)
			git -C "$REPO" commit -q --allow-empty -m "Round $round"
			echo "$state $(($(now) - started))" >>"$T/times"
		done
	done
	printf '\ngit commit, whole\n%-8s %10s %10s %8s\n' state "median us" "p90 us" "ratio"
	for state in none "${states[@]}"; do
		awk -v state="$state" '$1 == state { print $2 }' "$T/times" | sort -n |
		    awk -v state="$state" -v base="$(awk '$1 == "file" { print $2 }' "$T/times" | sort -n | awk '{ t[NR] = $1 } END { print t[int((NR + 1) / 2)] }')" \
			'{ t[NR] = $1 } END { m = t[int((NR + 1) / 2)]; printf "%-8s %10d %10d %8.2f\n", state, m, t[int((NR * 9 + 9) / 10)], m / base }'
	done
}

over=0
make_states
nproc | sed 's/$/ processors/'
sed 's/ .*/ load/' /proc/loadavg
measure_hooks
measure_commits
use_state file
wait_until 120 no_recorder_is_left
exit "$over"
