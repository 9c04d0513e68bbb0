#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The watcher as a program: in the foreground and detached, taking over, being asked, stopped, killed and told to
# read everything anew; and that it does nothing while nothing happens.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"
# shellcheck source=tests/e2e/watcher_common.bash
. "$(dirname "$0")/watcher_common.bash"

IDLE_SECONDS=10
COMMITS=60
R=$T/repository

watcher_pid() # fails where none answers: of nothing some jq say that all is well
{
	local status
	status=$(runwake-watcher --status 2>/dev/null) && jq -r .pid <<<"$status"
}

is_another_than() # PID
{
	local pid
	pid=$(watcher_pid) && [ "$pid" != "$1" ]
}

is_gone() # PID
{
	! kill -0 "$1" 2>/dev/null || grep -q '^State:.*zombie' "/proc/$1/status" 2>/dev/null
}

recorder_is() # STATE
{
	[ "$(status_of_watcher .recorder.state)" = "$1" ]
}

# Its thirty idle seconds are not waited for.
recorder_has_gone()
{
	local pid
	spool_is_empty || return
	pid=$(status_of_watcher '.recorder.pid // empty')
	[ -z "$pid" ] || kill -TERM "$pid" 2>/dev/null
	recorder_is idle
}

let_recorder_go()
{
	wait_until 60 recorder_has_gone
}

# ---- what it takes and says --------------------------------------------------------------------
takes_one_option()
{
	expect_exit 0 runwake-watcher --version
	expect_eq version "$(cat "$T/out")" "runwake-watcher $(cat "$ROOT/VERSION")"
	expect_exit 0 runwake-watcher --help
	grep -q -- --detach "$T/out"
	expect_exit 2 runwake-watcher --no-such-option
	expect_exit 2 runwake-watcher --stop --detach
	expect_exit 2 runwake-watcher word
}

without_a_watcher()
{
	expect_exit 1 runwake-watcher --status
	expect_match message "$(cat "$T/err")" 'no watcher runs'
	expect_exit 0 runwake-watcher --stop # that none runs is what was asked for
	[ ! -e "$STATE/watcher/socket" ]
}

says_it_is_ready()
{
	[ "$(status_of_watcher .ready 2>/dev/null)" = true ]
}

says_what_it_does()
{
	local status
	wired_repo "$R"
	mkdir -p "$R/a/b" "$R/built"
	echo built/ >"$R/.gitignore"
	start_watcher
	wait_until 60 says_it_is_ready
	status=$(runwake-watcher --status)
	expect_json version "$status" .version "$(cat "$ROOT/VERSION")"
	expect_eq program "$(readlink "/proc/$(watcher_pid)/exe")" "$(readlink -f "$PREFIX/bin/runwake-watcher")"
	expect_json root "$status" '.worktrees[0].root' "$R"
	expect_json phase "$status" '.worktrees[0].phase' ready
	expect_json directories "$status" '.worktrees[0].directories' 3
	expect_json members "$status" '[has("started_at", "settings_at", "watches", "watch_limit", "wakeups", "events",
	    "overflows", "memory_bytes", "recorder", "spool_lag_us", "edit_lag_us", "runs")] | all' true
	expect_eq "mode of the directory" "$(stat -c %a "$STATE/watcher")" 700
	expect_eq "mode of the socket" "$(stat -c %a "$STATE/watcher/socket")" 600
	grep -q 'watching 3 directories of 1 worktree; ready after' "$T/watcher.out"
}

# ---- silence -----------------------------------------------------------------------------------
wakeups()
{
	status_of_watcher .wakeups
}

# Each rest of the process ends in a switch away from it, whatever the program itself counts.
switches_of() # PID
{
	awk '/ctxt_switches/ { sum += $2 } END { print sum }' "/proc/$1/status"
}

# Since when it has rested is kept in a file.
has_rested_for() # SECONDS PID
{
	local switches since=0 seen=
	switches=$(switches_of "$2")
	[ ! -f "$T/resting" ] || read -r seen since <"$T/resting"
	[ "$switches" = "$seen" ] || { since=$SECONDS; echo "$switches $since" >"$T/resting"; }
	[ $((SECONDS - since)) -ge "$1" ]
}

# What follows the last edit takes its time: the reflogs are looked at once more, and the git that was asked what is
# ignored is let go after half a minute.
is_silent_when_idle()
{
	local pid asking first second third
	let_recorder_go
	pid=$(watcher_pid)
	wait_until 90 has_rested_for "$IDLE_SECONDS" "$pid"
	first=$(wakeups)
	second=$(wakeups)
	asking=$((second - first))
	wait_until 90 has_rested_for "$IDLE_SECONDS" "$pid"
	third=$(wakeups)
	expect_eq "wake-ups in $IDLE_SECONDS s but for the question's own" $((third - second - asking)) 0
}

# ---- taking over -------------------------------------------------------------------------------
commit_without_hooks()
{
	local i
	for ((i = 1; i <= COMMITS; i++)); do
		echo "$i" >"$R/counted"
		git -C "$R" add counted
		git -C "$R" -c core.hooksPath=/dev/null commit -q -m "Number $i"
	done
}

# Commits that no hook sees go on while one watcher takes over from the other, three times.
takes_over_without_a_gap()
{
	local i old committer before
	before=$(in_store_now "select count(*) from workflow_movements")
	commit_without_hooks &
	committer=$!
	for i in 1 2 3; do
		old=$(watcher_pid)
		launch_watcher
		wait_until 60 is_another_than "$old"
		wait_until 60 is_gone "$old"
	done
	wait "$committer"
	wait_until 60 has_more_movements_by "$before" "$COMMITS"
	# The first commit was there before the installation.
	wait_until 60 has_commits "$(git -C "$R" rev-list --count "HEAD~$COMMITS..")"
	grep -q 'taking over from the one that runs' "$T/watcher.out"
}

has_more_movements_by() # BEFORE NUMBER
{
	[ "$(in_store_now "select count(*) from workflow_movements")" -eq $(($1 + $2)) ]
}

has_commits() # NUMBER
{
	[ "$(in_store_now "select count(*) from workflow_commits")" -eq "$1" ]
}

# ---- signals -----------------------------------------------------------------------------------
was_read_anew_since() # TIME
{
	[[ $(status_of_watcher .settings_at) > $1 ]]
}

reads_everything_anew()
{
	local pid before
	pid=$(watcher_pid)
	before=$(status_of_watcher .settings_at)
	kill -HUP "$pid"
	wait_until 60 was_read_anew_since "$before"
	expect_eq pid "$(watcher_pid)" "$pid"
	wait_until 60 says_it_is_ready
}

# The edit has not come to rest when the signal comes, and nobody calls record after.
a_clean_stop_records_what_is_pending()
{
	local pid
	let_recorder_go
	pid=$(watcher_pid)
	wait_until 60 edit_is_pending
	kill -TERM "$pid"
	wait_until 60 is_gone "$pid"
	spool_is_empty
	in_store_now "select payload from workflow_events where type = 'edits-diffed'" | grep -q '"last-moment"'
	expect_exit 1 runwake-watcher --status
	[ ! -e "$STATE/watcher/socket" ]
}

edit_is_pending() # it rests after 0.3 seconds, and a look may take longer: so there is a new one before each
{
	echo "at the last moment" >>"$R/last-moment"
	[ "$(status_of_watcher .edit_lag_us)" -gt 0 ]
}

# A shell starts its jobs with SIGINT ignored, nohup(1) with SIGHUP: neither may make it deaf.
is_not_deaf_after_nohup()
{
	local pid
	(trap '' HUP INT TERM; exec runwake-watcher >>"$T/watcher.out" 2>&1) &
	wait_until 60 says_it_is_ready
	pid=$(watcher_pid)
	kill -INT "$pid"
	wait_until 60 is_gone "$pid"
	wait $! || fail "it ended with $?"
}

# ---- detached ----------------------------------------------------------------------------------
detaches_once()
{
	local pid
	# Whoever reads its output must see the end of it at once: nothing that was open clings to the watcher.
	expect_eq output "$(timeout 60 runwake-watcher --detach 2>&1 | cat)" ""
	pid=$(watcher_pid)
	expect_exit 0 runwake-watcher --detach
	expect_eq pid "$(watcher_pid)" "$pid"
	expect_match "command line" "$(tr '\0' ' ' <"/proc/$pid/cmdline")" 'runwake-watcher --detach'
	expect_eq "session" "$(ps -o sid= -p "$pid" | tr -d ' ')" "$(awk '{ print $6 }' "/proc/$pid/stat")"
	expect_eq "directory" "$(readlink "/proc/$pid/cwd")" /
	[ -z "$(find "/proc/$pid/fd" -lname "$T/*" -not -lname "$STATE/*")" ]
	grep -q 'ready after' "$STATE/watcher/log"
	expect_eq "mode of the log" "$(stat -c %a "$STATE/watcher/log")" 600
}

many_detach_at_once()
{
	local i
	runwake-watcher --stop
	for i in 1 2 3 4 5 6 7 8; do
		runwake-watcher --detach &
	done
	wait
	wait_until 60 says_it_is_ready
	wait_until 60 one_watcher_runs
}

one_watcher_runs()
{
	local all
	all=$(processes_of_test) # before there is a grep that has the name among its words
	[ "$(grep -c 'runwake-watcher' <<<"$all")" -eq 1 ]
}

starts_after_a_kill()
{
	local pid
	pid=$(watcher_pid)
	kill -9 "$pid"
	wait_until 60 is_gone "$pid"
	[ -S "$STATE/watcher/socket" ] # stale
	expect_exit 1 runwake-watcher --status
	wait_until 60 no_recorder_is_left # which dies with its keeper
	start_watcher
	stop_watcher
}

# ---- its recorder ------------------------------------------------------------------------------
keeps_its_recorder()
{
	local pid before
	start_watcher
	echo one >"$R/one"
	wait_until 60 recorder_is running
	pid=$(status_of_watcher .recorder.pid)
	kill -9 "$pid"
	wait_until 60 is_gone "$pid"
	echo two >"$R/two"
	wait_until 60 recorder_is running
	expect_eq restarts "$(status_of_watcher .recorder.restarts)" 1
	before=$(status_of_watcher .recorder.last_error)
	expect_match "last error" "$before" 'signal 9'
	wait_until 60 path_is_told two
	let_recorder_go
	expect_eq "last error after a good end" "$(status_of_watcher '.recorder.last_error // "none"')" none
}

path_is_told() # NAME
{
	in_store_now "select payload from workflow_events where type = 'edited'" | grep -q "\"$1\""
}

# A state directory that is removed takes its watcher with it: nobody could ask it any more.
ends_with_its_state()
{
	local pid
	pid=$(watcher_pid)
	let_recorder_go
	wait_until 60 state_is_removed
	wait_until 60 is_gone "$pid"
}

# What the watcher writes while rm is at work keeps it from removing a directory that it has emptied.
state_is_removed()
{
	rm -rf "$STATE" 2>/dev/null && [ ! -e "$STATE" ]
}

t "it takes one option" takes_one_option
t "asked where none runs" without_a_watcher
t "it says what it does" says_what_it_does
t "it is silent when idle" is_silent_when_idle
t "one takes over from the other without a gap" takes_over_without_a_gap
t "SIGHUP has it read everything anew" reads_everything_anew
t "a clean stop records what is pending" a_clean_stop_records_what_is_pending
t "signals that were ignored before are heard" is_not_deaf_after_nohup
t "detached it is alone and lets go of everything" detaches_once
t "of many that detach at once one stays" many_detach_at_once
t "after a kill the next one finds its way" starts_after_a_kill
t "a recorder that is killed is replaced" keeps_its_recorder
t "it ends with its state directory" ends_with_its_state
end_tests
