#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The watcher beside inotifywait and watchman, on a tree of 20,000 directories and 200,000 files, a tenth of it ignored.
# Ready: from exec until it says so. Cold: after dentries and inodes were dropped (as root). Idle: voluntary context
# switches of all its threads in ten seconds. Latency: 300 ms of settling are inside of ours, and told apart.
# Budgets: ready no later than inotifywait -r, a tenth of watchman's resident memory at most, kernel watches for
# directories that git does not ignore alone, no wake-up when idle.
#
#	tests/bench/watcher.sh [BUILDDIR]	DIRECTORIES=20000 ROUNDS=3 SAMPLES=200 HOOK_ROUNDS=300
# shellcheck source=tests/e2e/harness.sh disable=SC2164
. "$(dirname "$0")/../e2e/harness.sh"
# shellcheck source=tests/e2e/watcher_common.bash
. "$(dirname "$0")/../e2e/watcher_common.bash"
set -e

DIRECTORIES=${DIRECTORIES:-20000}
ROUNDS=${ROUNDS:-3}
SAMPLES=${SAMPLES:-200}
HOOK_ROUNDS=${HOOK_ROUNDS:-300}
BENCH=$BUILD/tests/bench
TREE=$T/tree
PROBE=$TREE/top0/part1/file3.c
status=0

over_budget() # TEXT
{
	echo "over the budget: $*"
	status=1
}

make_tree()
{
	git init -q "$TREE"
	"$BENCH/watch_tree" "$TREE" "$DIRECTORIES" 10
	printf 'build*/\n*.o\n' >"$TREE/.gitignore"
	git -C "$TREE" add .
	git -C "$TREE" commit -q -m "All of it"
	runwake install "$TREE" >/dev/null
	runwake record
}

# By git's word, not by ours.
count_directories()
{
	local all ignored
	all=$(find "$TREE" -name .git -prune -o -type d -print | wc -l)
	ignored=$(cd "$TREE" && find . -mindepth 1 -name .git -prune -o -type d -print0 | git check-ignore -z --stdin --no-index | tr '\0' '\n' | wc -l)
	echo $((all - ignored)) "$ignored"
}

# ---- one of them at a time: start_X sets pid once it is ready, stop_X ends it --------------------------
start_runwake()
{
	runwake-watcher 2>>"$T/watcher.err" &
	pid=$!
	wait_until 120 watcher_is_ready
}

stop_runwake()
{
	runwake-watcher --stop
	wait "$pid" || :
}

start_inotifywait()
{
	local line
	exec {peer_output}< <(exec inotifywait -m -r -e close_write,create,move,delete "$TREE" 2>&1)
	pid=$!
	while read -r line <&"$peer_output"; do
		[[ $line != *established* ]] || break
	done
}

stop_inotifywait()
{
	kill "$pid"
	exec {peer_output}<&-
}

WATCHMAN=(watchman --sockname "$T/watchman/sock" --no-spawn)
start_watchman()
{
	mkdir -p "$T/watchman"
	watchman --sockname "$T/watchman/sock" --statefile "$T/watchman/state" --logfile "$T/watchman/log" \
	    --pidfile "$T/watchman/pid" --foreground >/dev/null 2>&1 &
	pid=$!
	wait_until 120 watchman_answers
}

watchman_answers()
{
	"${WATCHMAN[@]}" watch-project "$TREE" 2>/dev/null | grep -q '"watch"' &&
		"${WATCHMAN[@]}" -j <<<"[\"query\", \"$TREE\", {\"fields\": [\"name\"], \"suffix\": \"nothing\"}]" | grep -q '"clock"'
}

stop_watchman()
{
	"${WATCHMAN[@]}" shutdown-server >/dev/null
	wait "$pid" || :
}

# ---- what one costs -------------------------------------------------------------------------------------
drop_caches()
{
	sync
	{ echo 2 >/proc/sys/vm/drop_caches; } 2>/dev/null
}

time_to_ready() # PEER; milliseconds
{
	local began=$EPOCHREALTIME
	"start_$1"
	echo $(((${EPOCHREALTIME/./} - ${began/./}) / 1000)) >"$T/ready"
	[ "$1" != runwake ] || status_of_watcher '.worktrees[0].ready_after_us / 1000 | round' >>"$T/ready_inside.$2"
	cat "$T/ready" >>"$T/ready.$1.$2"
}

median() # FILE
{
	[ -s "$1" ] || { echo -; return; }
	sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

memory_part() # PID Rss|Pss; KiB
{
	awk -v part="$2:" '$1 == part { print $2 }' "/proc/$1/smaps_rollup"
}

kernel_watches() # PID
{
	cat "/proc/$1/fdinfo"/* 2>/dev/null | grep -c '^inotify' || :
}

switches() # PID
{
	cat "/proc/$1"/task/*/status | awk '/^voluntary_ctxt/ { sum += $2 } END { print sum }'
}

idle_switches() # PID
{
	local before
	read -rt 3 -u "$HARNESS_NEVER" || :
	before=$(switches "$1")
	read -rt 10 -u "$HARNESS_NEVER" || :
	echo $(($(switches "$1") - before))
}

row() # NAME COLUMN…
{
	printf '%-28s %12s %12s %10s %10s %10s %10s\n' "$@"
}

measure() # PEER
{
	local peer=$1 n child
	command -v "${peer/runwake/runwake-watcher}" >/dev/null || { echo "$peer: not installed"; return; }
	for n in $(seq "$ROUNDS"); do
		! drop_caches || { time_to_ready "$peer" cold; "stop_$peer"; }
		time_to_ready "$peer" warm
		[ "$n" -eq "$ROUNDS" ] || "stop_$peer"
	done
	[ "$peer" != runwake ] || wait_until 60 watcher_has_caught_up
	row "$peer" "$(median "$T/ready.$peer.warm")" "$(median "$T/ready.$peer.cold")" "$(memory_part "$pid" Rss | tee "$T/rss.$peer")" \
	    "$(memory_part "$pid" Pss)" "$(kernel_watches "$pid" | tee "$T/watches.$peer")" "$(idle_switches "$pid" | tee "$T/idle.$peer")"
	if [ "$peer" = runwake ]; then
		row "  its own clock (one tree)" "$(median "$T/ready_inside.warm")" "$(median "$T/ready_inside.cold")" "" "" "" ""
		child=$(recorder_of_watcher)
		[ -z "$child" ] || row "  its recorder, for 30 s" "" "" "$(memory_part "$child" Rss)" "$(memory_part "$child" Pss)" "" "$(idle_switches "$child")"
		status_of_watcher '.worktrees[0].directories' >"$T/directories"
	fi
	"stop_$peer"
}

compare()
{
	local directories ignored
	read -r directories ignored < <(count_directories)
	echo "directories that git does not ignore: $directories (ignored: $ignored); watched: $(cat "$T/directories")," \
	    "and $(($(cat "$T/watches.runwake") - $(cat "$T/directories"))) of git's and our own"
	[ "$(cat "$T/directories")" -eq "$directories" ] || over_budget "it watches $(cat "$T/directories") directories, git ignores all but $directories"
	[ "$(cat "$T/idle.runwake")" -eq 0 ] || over_budget "$(cat "$T/idle.runwake") wake-ups in ten idle seconds"
	ratio "ready, of inotifywait's" "$(median "$T/ready.runwake.warm")" "$(median "$T/ready.inotifywait.warm")" 1
	ratio "ready cold, of inotifywait's" "$(median "$T/ready.runwake.cold")" "$(median "$T/ready.inotifywait.cold")" 1
	ratio "resident memory, of watchman's" "$(cat "$T/rss.runwake")" "$(cat "$T/rss.watchman" 2>/dev/null || echo -)" 0.1
}

ratio() # TITLE OURS THEIRS BUDGET
{
	[ "$2" != - ] && [ "$3" != - ] || return 0
	awk -v title="$1" -v ours="$2" -v theirs="$3" -v budget="$4" 'BEGIN {
		printf "%s: %.2f (budget %.2f)\n", title, ours / theirs, budget
		exit ours / theirs > budget }' || over_budget "$1"
}

# ---- how soon it tells ------------------------------------------------------------------------------------
lines_of() # PROGRAM INPUT ARG…
{
	command -v "$1" >/dev/null || { echo "$1: not installed"; return; }
	"$BENCH/watch_latency" lines "$SAMPLES" "$PROBE" "$2" "$1" "${@:3}"
}

latencies()
{
	printf '\n%-34s %8s %8s %10s %10s %10s\n' "latency, ms" samples missed median p90 p99
	lines_of inotifywait - -m -r -q -e close_write,create,move,delete "$TREE" || status=1
	if command -v watchman >/dev/null; then
		start_watchman
		echo "[\"subscribe\", \"$TREE\", \"bench\", {\"fields\": [\"name\"], \"empty_on_fresh_instance\": true}]" >"$T/subscribe"
		lines_of "${WATCHMAN[0]}" "$T/subscribe" "${WATCHMAN[@]:1}" -j -p --no-pretty || status=1
		stop_watchman
	else
		echo "watchman: not installed"
	fi
	(cd "$TREE" && runwake start --workflow bench --task "Edit" >/dev/null)
	start_runwake
	wait_until 60 watcher_has_caught_up
	"$BENCH/watch_latency" edits "$SAMPLES" "$PROBE" "$STATE" || status=1
	echo "  (of which settling: 300 ms)"
	"$BENCH/watch_latency" movements "$SAMPLES" "$TREE" "$STATE" "commit without hooks, to the spool" \
	    git -C "$TREE" -c core.hooksPath=/dev/null commit -q --allow-empty -m "A sample" || status=1
	"$BENCH/watch_latency" movements "$SAMPLES" "$TREE" "$STATE" "commit with hooks, to the spool" \
	    git -C "$TREE" commit -q --allow-empty -m "A sample" || status=1
	stop_runwake
	(cd "$TREE" && runwake finish >/dev/null)
}

# ---- what a hook costs beside it ----------------------------------------------------------------------------
hook_cost()
{
	local repo=$T/hooked
	wired_repo "$repo"
	wait_until 60 is_settled
	printf '\npost-commit hook, without a watcher\n'
	"$BENCH/spawn_time" "$HOOK_ROUNDS" "$repo" "$repo/.git/logs/HEAD" - empty="$BENCH/empty" +runwake="$repo/.git/hooks/post-commit"
	wait_until 60 is_settled
	start_runwake
	wait_until 60 watcher_has_caught_up
	printf '\nthe same, with a watcher\n'
	"$BENCH/spawn_time" "$HOOK_ROUNDS" "$repo" "$repo/.git/logs/HEAD" - empty="$BENCH/empty" +runwake="$repo/.git/hooks/post-commit"
	wait_until 60 watcher_has_caught_up
	stop_runwake
}

nproc | sed 's/$/ processors/'
sed 's/ .*/ load/' /proc/loadavg
make_tree
echo
row "" "ready ms" "cold ms" "RSS KiB" "PSS KiB" "watches" "idle 10 s"
for peer in runwake inotifywait watchman; do
	measure "$peer"
done
compare
latencies
hook_cost
exit "$status"
