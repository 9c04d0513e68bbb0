# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The ground under every end-to-end script: a scratch home, an installed Runwake, TAP, and a last look for
# processes left behind. A script begins with
#
#	. "$(dirname "$0")/harness.sh"
#
# and is run as `SCRIPT BUILDDIR` (build/release if none is named). It then calls
#
#	t NAME COMMAND [ARG…]	one test: COMMAND in a subshell under `set -eu`; its output shows only on failure
#	end_tests		the plan, the look for leftovers, the exit code; the script's last line
#
# and in a test: skip, fail, expect_*, wait_until, new_repo, wired_repo, commit_file, in_store, is_settled.
# A test that needs what an earlier one made finds it in a file under $T: variables do not come out of t.
#
# No watcher is started by `runwake start` here: the settings say so (see write_settings). A test of the watcher calls
# start_watcher and stop_watcher, or runs something `with_watcher`.
#
# Set here: ROOT (source tree), BUILD (build directory, absolute), PREFIX (installed Runwake), T (scratch
# root, removed at the end; kept when KEEP=1). PATH finds the installed runwake first.
set -u

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=$(cd "${1:-$ROOT/build/release}" && pwd) || exit 1
T=$(mktemp -d "${TMPDIR:-/tmp}/runwake-test.XXXXXX") || exit 1
T=$(cd "$T" && pwd -P)
TEST_COUNT=0
TEST_FAILED=0

# ---- isolation --------------------------------------------------------------------------------
while IFS='=' read -r name _; do
	case $name in GIT_*|RUNWAKE_*|XDG_*) unset "$name" ;; esac
done < <(env | grep -E '^(GIT_|RUNWAKE_|XDG_)[A-Za-z0-9_]*=' | grep -v '^RUNWAKE_TEST_')
export HOME=$T/home LC_ALL=C.UTF-8 TZ=UTC NO_COLOR=1 PAGER=cat GIT_PAGER=cat GIT_EDITOR=true
export XDG_STATE_HOME=$T/state XDG_CONFIG_HOME=$T/config
export GIT_CONFIG_GLOBAL=$HOME/.gitconfig GIT_CONFIG_SYSTEM=/dev/null GIT_TERMINAL_PROMPT=0
STATE=$XDG_STATE_HOME/runwake
mkdir -p "$HOME" "$XDG_STATE_HOME" "$XDG_CONFIG_HOME"
cat >"$GIT_CONFIG_GLOBAL" <<-'CONFIG'
	[user]
		name = Ann Example
		email = ann@example.org
	[init]
		defaultBranch = main
	[gc]
		auto = 0
	[maintenance]
		auto = false
	[advice]
		detachedHead = false
	[protocol "file"]
		allow = always
CONFIG

# Settings of the test's own, beside those that hold for every test.
# shellcheck disable=SC2120 # the tests give it lines
write_settings() # [LINE…]
{
	mkdir -p "$XDG_CONFIG_HOME/runwake"
	printf '%s\n' '[runwake]' '	watcher = false' "$@" >"$XDG_CONFIG_HOME/runwake/config"
}
write_settings

# ---- the store ----------------------------------------------------------------------------------
# A script that has RUNWAKE_TEST_STORE=postgres in its environment works with a database on a server of its own; one
# that calls start_postgres has the server, and says itself what works with it.
STORE=sqlite
start_postgres()
{
	"$ROOT/tests/postgres_cluster.sh" is-there || return
	chmod 711 "$T"	# the server is another user
	"$ROOT/tests/postgres_cluster.sh" make "$T/pg"
	POSTGRES_URL="postgresql:///runwake?host=$T/pg&user=postgres"
	psql -Xqh "$T/pg" -U postgres -c 'create database runwake' postgres
}

postgres() # SQL; bars between columns
{
	psql -XAtq -F '|' -v ON_ERROR_STOP=1 -h "$T/pg" -U postgres -c "$1" runwake
}

# What was made in REPO since the commit that $T/base names is in the database, each once.
expect_each_movement_once()
{
	postgres "select new_hash from workflow_movements where verdict = 'made'" | sort >"$T/actual"
	git -C "$REPO" rev-list main --not "$(cat "$T/base")" | sort >"$T/expected"
	expect_same "movements" "$T/actual" "$T/expected"
	expect_eq "events of movements" "$(postgres "select count(*) from workflow_events where type = 'moved'")" \
	    "$(wc -l <"$T/expected")"
}

# What a machine has to tell a team's database is told.
everything_is_fed()
{
	[ "$(runwake db status --json | jq '.feed_waiting + .waiting_bytes')" = 0 ]
}

is_fed()
{
	wait_until 60 no_recorder_is_left
	runwake record
	wait_until 60 everything_is_fed
	wait_until 60 no_recorder_is_left
}

# Somebody holds a table, until let_go or the server is gone: so whoever writes to it is met in the middle.
hold() # TABLE
{
	psql -Xqh "$T/pg" -U postgres -c "begin; lock table $1 in access exclusive mode; select pg_sleep(600)" runwake >/dev/null 2>&1 &
	wait_until 60 holds "$1" "granted and mode = 'AccessExclusiveLock'"
}

holds() # TABLE WHICH
{
	[ "$(postgres "select count(*) from pg_locks where relation = '$1'::regclass and $2")" -gt 0 ]
}

let_go() # TABLE
{
	postgres "select pg_terminate_backend(pid) from pg_locks where relation = '$1'::regclass and mode = 'AccessExclusiveLock'" >/dev/null
}

# One descriptor that never becomes readable: `read -t` on it waits without a process.
mkfifo "$T/never"
exec {HARNESS_NEVER}<>"$T/never"

# ---- an installed Runwake ---------------------------------------------------------------------
# tests/run.sh installs once for all scripts; a script run by hand installs for itself.
if [ -n "${RUNWAKE_TEST_PREFIX:-}" ]; then
	PREFIX=$RUNWAKE_TEST_PREFIX
else
	PREFIX=$T/prefix
	make -s -C "$ROOT" VARIANT="$(basename "$BUILD")" PREFIX="$PREFIX" install >"$T/install.log" 2>&1 || {
		cat "$T/install.log" >&2
		echo "Bail out! Runwake does not install"
		exit 1
	}
fi
unset RUNWAKE_TEST_PREFIX
export PATH=$PREFIX/bin:$PATH
: "$STATE" "$PREFIX"

if [ "${RUNWAKE_TEST_STORE:-sqlite}" = postgres ]; then
	start_postgres || { echo "1..0 # SKIP no PostgreSQL server is installed"; exit 0; }
	STORE=postgres
	runwake db use "$POSTGRES_URL" >/dev/null && runwake db migrate >/dev/null || { echo "Bail out! no store"; exit 1; }
fi
unset RUNWAKE_TEST_STORE

# A copy of the installed tree that a test may break: prints its prefix.
own_prefix()
{
	cp -a "$PREFIX" "$1"
	printf '%s\n' "$1"
}

# ---- the frame of a script --------------------------------------------------------------------
# Processes that carry this script's scratch root in their environment.
processes_of_test()
{
	local file pid
	grep -lsaF "HOME=$T/" /proc/[0-9]*/environ | while read -r file; do
		pid=${file#/proc/}
		pid=${pid%/environ}
		printf '%s %s\n' "$pid" "$(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline")"
	done
}

recorders_of_test()
{
	processes_of_test | grep -E '^[0-9]+ [^ ]*runwake(-watcher|-remote)?( |$)'
}

no_recorder_is_left()
{
	! recorders_of_test >/dev/null
}

clean_up()
{
	local pid
	while read -r pid _; do
		kill -9 "$pid" 2>/dev/null
	done < <(recorders_of_test)
	[ ! -f "$T/pg/data/postmaster.pid" ] || "$ROOT/tests/postgres_cluster.sh" stop "$T/pg"
	if [ "${KEEP:-0}" = 1 ]; then
		echo "# kept: $T"
		return
	fi
	chmod -R u+rwx "$T" 2>/dev/null
	rm -rf "$T"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Called at the top level of a script, never after `if`, `!`, `&&` or `||`: bash would switch `set -e` off inside.
t()
{
	local name=$1 status log=$T/.log
	shift
	TEST_COUNT=$((TEST_COUNT + 1))
	rm -f "$T/.skip"
	(set -eu; "$@") >"$log" 2>&1
	status=$?
	if [ "$status" -eq 0 ]; then
		printf 'ok %d - %s\n' "$TEST_COUNT" "$name"
	elif [ "$status" -eq 77 ] && [ -f "$T/.skip" ]; then
		printf 'ok %d - %s # SKIP %s\n' "$TEST_COUNT" "$name" "$(cat "$T/.skip")"
	else
		TEST_FAILED=$((TEST_FAILED + 1))
		printf 'not ok %d - %s\n' "$TEST_COUNT" "$name"
		printf '#   exit %d\n' "$status"
		if [ "$(wc -l <"$log")" -gt 80 ]; then
			head -n 20 "$log" && echo "…" && tail -n 60 "$log"
		else
			cat "$log"
		fi | sed 's/^/#   /'
	fi
}

end_tests()
{
	t "no process is left behind" wait_until 60 no_recorder_is_left
	printf '1..%d\n' "$TEST_COUNT"
	[ "$TEST_FAILED" -eq 0 ]
	exit
}

# ---- within a test ----------------------------------------------------------------------------
skip()
{
	printf '%s' "$*" >"$T/.skip"
	exit 77
}

fail()
{
	printf '%s\n' "$*" >&2
	exit 1
}

needs() # PROGRAM…
{
	local program
	for program; do
		command -v "$program" >/dev/null || skip "$program is not installed"
	done
}

expect_eq() # WHAT ACTUAL EXPECTED
{
	[ "$2" = "$3" ] || fail "$1: '$2', expected '$3'"
}

expect_match() # WHAT ACTUAL EXTENDED-REGEX
{
	[[ $2 =~ $3 ]] || fail "$1: '$2' does not match '$3'"
}

expect_same() # WHAT ACTUAL-FILE EXPECTED-FILE
{
	diff -u "$3" "$2" || fail "$1 differs"
}

expect_exit() # CODE COMMAND…; stdout and stderr of the command are in $T/out and $T/err
{
	local expected=$1 status=0
	shift
	"$@" >"$T/out" 2>"$T/err" || status=$?
	[ "$status" -eq "$expected" ] || {
		cat "$T/out" "$T/err" >&2
		fail "$*: exit $status, expected $expected"
	}
}

# Further filters of the same document cost little: what takes time is jq's start.
expect_json() # WHAT JSON JQ-FILTER EXPECTED [JQ-FILTER EXPECTED]…; where there are several, each gives one value
{
	local what=$1 json=$2 program=$3 values i
	local -a actual=()
	shift 2
	if [ $# -gt 2 ]; then
		program="($1 | tostring)"
		for ((i = 3; i < $#; i += 2)); do
			program+=", (${!i} | tostring)"
		done
		program="[$program] | join(\"\\u001e\")"
	fi
	values=$(jq -r "$program" <<<"$json") || fail "$what: jq cannot apply '$program' to: ${json:0:2000}"
	mapfile -d $'\x1e' -t actual < <(printf '%s\x1e' "$values")
	for ((i = 0; $# > 0; i++)); do
		[ "${actual[i]}" = "$2" ] || fail "$what: $1 = '${actual[i]}', expected '$2', in: ${json:0:2000}"
		shift 2
	done
}

# Until COMMAND succeeds, SECONDS at most. Asks every 20 ms, or every WAIT_STEP seconds, where many wait at once; never
# waits for a time, always for the condition.
wait_until() # SECONDS COMMAND…
{
	local deadline=$((SECONDS + $1 + 1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$deadline" ] || { printf 'still not so: %s\n' "$*" >&2; return 1; }
		read -rt "${WAIT_STEP:-0.02}" -u "$HARNESS_NEVER" || :
	done
}

# ---- repositories -----------------------------------------------------------------------------
new_repo() # DIR; on branch main with one commit
{
	git init -q "$1"
	commit_file "$1" README "A file to begin with." "Begin"
}

wired_repo() # DIR; the same with our hooks in it; what came before the installation is not ours to record
{
	new_repo "$1"
	runwake install "$1" >/dev/null
}

commit_file() # DIR FILE TEXT SUBJECT
{
	mkdir -p "$(dirname "$1/$2")"
	printf '%s\n' "$3" >"$1/$2"
	git -C "$1" add -- "$2"
	git -C "$1" commit -q -m "$4"
}

# A SQLite file, by the shell of SQLite. The last recorder to close a store takes its write-ahead log away; who opens
# it in that moment is told that it is locked, and does not wait whatever the time-out says.
sqlite() # [OPTION…] FILE SQL
{
	local errors=$T/.sql.$BASHPID
	until sqlite3 -batch -noheader -cmd ".timeout 10000" "$@" 2>"$errors"; do
		grep -q 'in prepare, database is locked' "$errors" || { cat "$errors" >&2; return 1; }
	done
}

# What the store's file holds as it is: nothing is recorded first.
in_store_now() # [OPTION…] SQL; bars between columns
{
	sqlite "${@:1:$#-1}" "file:$STATE/runwake.db?mode=ro" "${@: -1}"
}

in_store() # SQL; bars between columns
{
	runwake record
	[ "$STORE" = sqlite ] || { postgres "$1"; return; }
	in_store_now "$1"
}

spool_is_empty()
{
	[ -z "$(find "$STATE/spool/in" "$STATE/spool/work" -type f 2>/dev/null)" ]
}

# A live run does, from when its lock is held; the file is there a moment before.
takes_what_is_said() # RUN
{
	grep -q ":$(stat -c %i "$STATE/runs/$1/inbox.lock" 2>/dev/null || echo none) " /proc/locks
}

# ---- the watcher ------------------------------------------------------------------------------
# Not by jq: it takes longer to start than the watcher, which is asked over and over.
watcher_is_ready()
{
	[[ $(runwake-watcher --status 2>/dev/null) = *'"ready":true'* ]]
}

no_watcher_is_left()
{
	! processes_of_test | grep -qE '^[0-9]+ [^ ]*runwake-watcher( |$)'
}

# In the foreground, as a job of ours; until everything is watched. What it says is in $T/watcher.out.
start_watcher()
{
	runwake-watcher >>"$T/watcher.out" 2>&1 </dev/null &
	wait_until 60 watcher_is_ready || { cat "$T/watcher.out" >&2; fail "the watcher is not ready"; }
}

stop_watcher()
{
	runwake-watcher --stop
	wait_until 60 no_watcher_is_left
}

# Stops it also where the command fails, which then counts.
with_watcher() # COMMAND…
{
	local status=0
	start_watcher
	(set -eu; "$@") &	# not `… || status`: bash would switch `set -e` off inside
	wait $! || status=$?
	stop_watcher
	return "$status"
}

# Every hook's recorder has done its work and gone.
is_settled()
{
	spool_is_empty && no_recorder_is_left
}
