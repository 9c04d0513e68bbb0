# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# A service that runs agents (run_api.py), and what is known of the runs that are followed there. Sourced after harness.sh.

SERVICE=$T/service
KEY=sekret-KEY-0123456789

# On the port of the one before, where there was one.
# shellcheck disable=SC2120 # other files give it one
start_service() # [CERTIFICATE]
{
	mkdir -p "$SERVICE/runs"
	rm -f "$SERVICE/pid"
	printf '%s\n' "$KEY" >"$SERVICE/key"
	python3 "$ROOT/tests/e2e/run_api.py" "$SERVICE" "$@" >>"$T/service.out" 2>&1 </dev/null &
	wait_until 180 test -s "$SERVICE/pid"
}

stop_service()
{
	local pid
	pid=$(cat "$SERVICE/pid")
	kill "$pid"
	wait_until 180 is_gone "$pid"
}

is_gone() # PID
{
	! kill -0 "$1" 2>/dev/null || [ "$(cut -d ' ' -f 3 "/proc/$1/stat" 2>/dev/null)" = Z ]
}

service_does() # MODE
{
	printf '%s\n' "$1" >"$SERVICE/mode.new"
	mv "$SERVICE/mode.new" "$SERVICE/mode"
}

stands() # RUN JSON; how a run stands at the service
{
	printf '%s\n' "$2" >"$SERVICE/status.new"
	mv "$SERVICE/status.new" "$SERVICE/runs/$1.status"
}

# shellcheck disable=SC2034 # the tests use it
FINISHED='{"status":"completed","completed_at":"2026-01-01T00:00:00","progress":{"turns":7,"is_running":false},
	"metrics":{"cost_usd":1.25},"result":{"success":true,"completion_type":"completed_successfully","final_output":"It is done"}}'

write_key()
{
	printf '%s\n' "$KEY" >"$T/key"
	chmod 600 "$T/key"
}

name_service() # [SETTING…]; as the remote lab
{
	write_key
	write_settings '[runwake-remote "lab"]' "	url = http://127.0.0.1:$(cat "$SERVICE/port")" "	keyFile = $T/key" "$@"
}

start_run() # [OPTION…]
{
	runwake remote start lab fix --task "Repair the login" "$@"
}

run_is() # RUN COLUMN VALUE
{
	[ "$(in_store "select $2 from workflow_runs where run_id = '$1'")" = "$3" ]
}

events_of() # RUN TYPE; how many
{
	in_store "select count(*) from workflow_events where type = '$2' and payload like '%$1%'"
}

# shellcheck disable=SC2317 # called by wait_until
has_trouble() # RUN EXTENDED-REGEX
{
	runwake remote list --json | jq -r --arg run "$1" '.runs[] | select(.run_id == $run or .id == $run) | .trouble' | grep -qE "$2"
}

asked() # EXTENDED-REGEX; how often
{
	grep -cE "$1" "$SERVICE/asked" || :
}

asked_more_than() # COUNT EXTENDED-REGEX
{
	[ "$(asked "$2")" -gt "$1" ]
}

pollers()
{
	processes_of_test | awk '$2 ~ /runwake-remote$/ { print $1 }'
}

no_poller_is_left()
{
	[ -z "$(pollers)" ]
}

a_poller_runs()
{
	[ -n "$(pollers)" ]
}

nothing_is_followed()
{
	[ -z "$(find "$STATE/remote" -name '*.json' 2>/dev/null)" ]
}

forget_all()
{
	local id
	service_does ""
	for id in $(runwake remote list --json | jq -r '.runs[].id'); do
		runwake remote forget "$id"
	done
	wait_until 180 no_poller_is_left
}

# ---- cases that wait, side by side ----
# Most of what is proved here is proved by waiting: for a back-off, for a time-out of the product's, which no test may
# shorten. So the cases wait together, each with a home, a state and a service of its own.
CASES=0
CASE_PIDS=()
CASE_NAMES=()
CASE_SETTINGS=() # of every case's remote

in_a_case() # DIR COMMAND…; in a subshell
{
	T=$1
	export HOME=$T/home XDG_STATE_HOME=$T/state XDG_CONFIG_HOME=$T/config
	# shellcheck disable=SC2034 # harness.sh reads it
	STATE=$XDG_STATE_HOME/runwake SERVICE=$T/service WAIT_STEP=0.2
	shift
	mkdir -p "$HOME" "$XDG_STATE_HOME" "$XDG_CONFIG_HOME"
	trap kill_services EXIT
	set -eu
	start_service
	name_service "${CASE_SETTINGS[@]}"
	"$@"
	wait_until 180 no_poller_is_left
}

side_by_side() # NAME COMMAND [ARG…]; as t
{
	CASE_NAMES[CASES]=$1
	shift
	mkdir "$T/case-$CASES"
	(in_a_case "$T/case-$CASES" "$@") >"$T/case-$CASES/log" 2>&1 &
	CASE_PIDS[CASES]=$!
	CASES=$((CASES + 1))
}

came_out() # CASE STATUS
{
	cat "$T/case-$1/log"
	[ "$2" -ne 77 ] || skip "$(cat "$T/case-$1/.skip")"
	[ "$2" -eq 0 ] || fail "exit $2"
}

# All that side_by_side has begun, each as a test.
end_side_by_side()
{
	local i status
	for ((i = 0; i < CASES; i++)); do
		status=0
		wait "${CASE_PIDS[i]}" || status=$?
		t "${CASE_NAMES[i]}" came_out "$i" "$status"
	done
}

# Of this script or this case, also one that a test has begun besides.
kill_services()
{
	local file
	for file in "$T"/*/pid "$T"/case-*/*/pid; do
		[ ! -s "$file" ] || kill "$(cat "$file")" 2>/dev/null || :
		rm -f "$file"
	done
}

kill_services_at_end()
{
	kill_services
	clean_up
}
trap kill_services_at_end EXIT
command -v python3 >/dev/null || { echo "1..0 # SKIP python3 is not installed"; exit 0; }
