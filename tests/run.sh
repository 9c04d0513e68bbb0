#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs what is built in build/VARIANT:  tests/run.sh [VARIANT [KIND|FILE…]]
#
#	KIND	lint, unit, fault or e2e; all of them if none is named
#	FILE	one test by its source: tests/unit/base/str_test.c, tests/e2e/show_three_runs.sh
#
# Every test speaks TAP. Two more than there are processors run at a time, since many wait for something; one whose
# source holds the words "Runs alone" has the machine for itself, when all others are through. Only what failed is
# shown. A test that crashes, prints no plan, keeps not to its plan or runs out of time counts as a failure of its own.
# How long each took is left in build/VARIANT/test-results/milliseconds. The last line is the sum.
set -u
cd "$(dirname "$0")/.." || exit 1

variant=${1:-release}
[ $# -eq 0 ] || shift
build=$PWD/build/$variant
results=$build/test-results
jobs_max=$(($(nproc) + 2))
[ -d "$build" ] || { echo "tests/run.sh: build/$variant is not there: run make VARIANT=$variant all unit fault tools" >&2; exit 2; }

seconds_allowed()
{
	local seconds
	case $1 in
	lint|unit)	seconds=480 ;;
	*)		seconds=840 ;;
	esac
	case $variant in *san*) seconds=$((seconds * 3)) ;; esac
	echo "$seconds"
}

# ---- which tests ------------------------------------------------------------------------------
sources_of_kind()
{
	local file
	local -a files=()
	case $1 in
	lint)	files=(tests/lint/*.sh) ;;
	unit)	files=(tests/unit/*/*_test.c) ;;
	fault)	files=(tests/fault/*_fault.c) ;;
	e2e)	files=(tests/e2e/*.sh) ;;
	esac
	for file in "${files[@]}"; do
		[ "$file" = tests/e2e/harness.sh ] || echo "$file"
	done
}

list_sources()
{
	local word
	shopt -s nullglob
	[ $# -gt 0 ] || set -- e2e lint fault unit	# the longest first: none is left over in the end
	for word; do
		case $word in
		lint|unit|fault|e2e)
			sources_of_kind "$word"
			;;
		*)
			[ -f "$word" ] || { echo "tests/run.sh: no test '$word'" >&2; exit 2; }
			echo "$word"
			;;
		esac
	done
}

# ---- running one ------------------------------------------------------------------------------
# A directory in memory for what need not be on a disk, see tests/postgres_cluster.sh; "" where there is little memory.
directory_in_memory()
{
	local room free
	room=$(df -k --output=avail /dev/shm 2>/dev/null | tail -n 1)
	free=$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)
	[ "$(stat -f -c %T /dev/shm 2>/dev/null)" = tmpfs ] && [ "${room:-0}" -ge 2000000 ] && [ "${free:-0}" -ge 4000000 ] || return 0
	mktemp -d /dev/shm/runwake-run.XXXXXX
}

# In the background: the output goes to NAME.tap, the exit code to NAME.status.
run_one() # SOURCE NAME
{
	local source=$1 name=$2 kind scratch memory status child began=$EPOCHREALTIME
	local -a command
	kind=${source#tests/}
	kind=${kind%%/*}
	case $source in
	*.c)	command=("$build/${source%.c}") ;;
	*)	command=(bash "$source" "$build") ;;
	esac
	scratch=$(mktemp -d "${TMPDIR:-/tmp}/runwake-run.XXXXXX")
	memory=$(directory_in_memory)
	mkdir -p "$scratch/home" "$scratch/tmp"
	chmod 711 "$scratch" "$scratch/tmp" ${memory:+"$memory"}	# a test may become another user
	RUNWAKE_TEST_MEMORY=$memory HOME=$scratch/home TMPDIR=$scratch/tmp \
	    XDG_STATE_HOME=$scratch/home/state XDG_CONFIG_HOME=$scratch/home/config \
	    timeout --kill-after=10 "$(seconds_allowed "$kind")" "${command[@]}" >"$results/$name.tap" 2>&1 </dev/null &
	child=$!
	trap 'kill "$child" 2>/dev/null' TERM
	wait "$child" 2>/dev/null
	status=$?
	[ "$status" -ne 124 ] || echo "# out of time" >>"$results/$name.tap"
	chmod -R u+rwx "$scratch" 2>/dev/null
	rm -rf "$scratch" ${memory:+"$memory"}
	echo "$status" >"$results/$name.status"
	echo "$(((${EPOCHREALTIME/./} - ${began/./}) / 1000)) $source" >>"$results/milliseconds"
}

# ---- reading what it said ---------------------------------------------------------------------
# Prints: PASSED FAILED SKIPPED WHY, where WHY names what the test lines themselves do not tell.
tally()
{
	awk -v status="$(cat "$results/$1.status" 2>/dev/null || echo none)" '
	/^1\.\.0 *# *[Ss][Kk][Ii][Pp]/ { skipped++; planned++; plans++; next }
	/^1\.\.[0-9]+/		{ planned += substr($1, 4); plans++; next }
	/^(not )?ok .*# *[Ss][Kk][Ii][Pp]/ { skipped++; next }
	/^ok /			{ passed++ }
	/^not ok /		{ failed++ }
	END {
		why = "-"
		if (status == 124)
			why = "out-of-time"
		else if (!plans)
			why = "no-plan"
		else if (!planned)
			why = "no-tests"
		else if (planned != passed + failed + skipped)
			why = "planned-" planned "-ran-" passed + failed + skipped
		else if (status != 0 && !failed)
			why = "exit-" status
		if (why != "-")
			failed++
		print passed + 0, failed + 0, skipped + 0, why
	}' "$results/$1.tap"
}

show_failure() # NAME
{
	# Failed lines with the comments around them; where there is none, the end of the output.
	if grep -q '^not ok ' "$results/$1.tap"; then
		grep -vE '^(ok |1\.\.)' "$results/$1.tap" | tail -n 120
	else
		tail -n 60 "$results/$1.tap"
	fi | sed 's/^/    /'
}

passed=0 failed=0 skipped=0
account() # SOURCE NAME
{
	local p f s why mark=ok
	read -r p f s why < <(tally "$2")
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	[ "$f" -eq 0 ] || mark=FAIL
	[ "$why" = - ] && why=""
	printf '%-4s %-48s %3d passed%s%s%s\n' "$mark" "${1#tests/}" "$p" \
	    "$([ "$f" -eq 0 ] || printf ', %d failed' "$f")" "$([ "$s" -eq 0 ] || printf ', %d skipped' "$s")" "${why:+ ($why)}"
	if [ "$f" -gt 0 ]; then
		show_failure "$2"
	fi
	grep -hiE '^(not )?ok .*# *skip' "$results/$2.tap" |
	    sed -E -e 's/^[^#]*- (.*) # *SKIP */     skipped: \1: /I' -e 's/^(not )?ok [0-9]+ # *SKIP */     skipped: /I'
}

# ---- the round --------------------------------------------------------------------------------
declare -A running=()	# pid → "SOURCE NAME"
start() # SOURCE
{
	local name=${1#tests/}
	name=${name//\//-}
	run_one "$1" "$name" &
	running[$!]="$1 $name"
}

reap_one()
{
	local pid
	wait -n -p pid "${!running[@]}"
	# shellcheck disable=SC2086
	account ${running[$pid]}
	unset "running[$pid]"
}

finish_all()
{
	while [ ${#running[@]} -gt 0 ]; do
		reap_one
	done
}

stop()
{
	local pid
	for pid in "${!running[@]}"; do
		kill "$pid" 2>/dev/null
	done
	wait
	exit 130
}
trap stop INT TERM

sources=$(list_sources "$@") || exit 2
rm -rf "$results"
mkdir -p "$results"
while IFS='=' read -r name _; do
	unset "$name"
done < <(env | grep -E '^(GIT_|RUNWAKE_)[A-Za-z0-9_]*=')
export LC_ALL=C.UTF-8 TZ=UTC CMOCKA_MESSAGE_OUTPUT=TAP GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1

prefix=
clean_up()
{
	[ -z "$prefix" ] || rm -rf "$prefix"
}
trap clean_up EXIT
if grep -q '^tests/e2e/' <<<"$sources"; then
	# Not below the tree: a test that becomes another user must reach it.
	prefix=$(mktemp -d "${TMPDIR:-/tmp}/runwake-prefix.XXXXXX")
	chmod 755 "$prefix"
	make -s VARIANT="$variant" PREFIX="$prefix" install >"$results/install.log" 2>&1 || {
		cat "$results/install.log"
		echo "0 passed, 1 failed"
		exit 1
	}
	export RUNWAKE_TEST_PREFIX=$prefix
fi

# shellcheck disable=SC2086
mapfile -t alone < <(grep -l 'Runs alone' $sources)
while read -r source; do
	[[ " ${alone[*]} " != *" $source "* ]] || continue
	[ ${#running[@]} -lt "$jobs_max" ] || reap_one
	start "$source"
done <<<"$sources"
finish_all
for source in "${alone[@]}"; do
	start "$source"
	finish_all
done

echo "$passed $failed $skipped" >"$results/total"
if [ "$skipped" -gt 0 ]; then
	echo "$passed passed, $failed failed, $skipped skipped"
else
	echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
