#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# `runwake record --follow`: what is seen comes into the store without anybody asking, hooks start no recorder
# meanwhile, readers are not in its way, and nothing is lost by a store that is away, a kill, or its end.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"

REPO=$T/project

begin_following() # its pid is in $T/pid, what it says in $T/said
{
	runwake record --follow >"$T/said" 2>&1 </dev/null &
	echo $! >"$T/pid"
	wait_until 60 is_attended
}

follower()
{
	cat "$T/pid"
}

is_attended() # somebody holds the file's lock
{
	[ -e "$STATE/spool/attended" ] && grep -q ":$(stat -c %i "$STATE/spool/attended") " /proc/locks
}

is_gone() # PID
{
	! kill -0 "$1" 2>/dev/null
}

stop_following()
{
	kill -TERM "$(follower)"
	wait_until 60 is_gone "$(follower)"
}

is_recorded() # REVISION
{
	[ "$(in_store_now "select count(*) from workflow_movements where verdict = 'made' and new_hash = '$(git -C "$REPO" rev-parse "$1")'")" = 1 ]
}

all_is_recorded()
{
	[ "$(in_store_now "select count(*) from workflow_movements")" -eq $(($(wc -l <"$REPO/.git/logs/HEAD") - 1)) ]
}

lay_the_ground()
{
	wired_repo "$REPO"
	runwake record
}

commits_come_by_themselves()
{
	local n
	begin_following
	for n in 1 2 3; do
		commit_file "$REPO" a "$n" "Commit $n"
		wait_until 60 is_recorded HEAD
	done
	git -C "$REPO" branch side
	wait_until 60 spool_is_empty
	wait_until 60 all_is_recorded
	stop_following
	expect_eq "what it said" "$(cat "$T/said")" ""
}

hooks_start_no_recorder()
{
	needs strace
	strace -o "$T/probe" true 2>/dev/null || skip "strace may not trace here"
	echo x >"$REPO/traced"
	git -C "$REPO" add traced
	strace -f -qq -e trace=execve -o "$T/alone" git -C "$REPO" commit -q -m "Nobody attends"
	wait_until 60 is_settled
	begin_following
	echo y >"$REPO/traced"
	strace -f -qq -e trace=execve -o "$T/attended" git -C "$REPO" commit -q -a -m "Somebody attends"
	wait_until 60 is_recorded HEAD
	stop_following
	grep -q '"record"' "$T/alone" || fail "this test sees no recorder start where one should"
	! grep '"record"' "$T/attended" || fail "a recorder was started"
}

it_sleeps()
{
	local before
	begin_following
	commit_file "$REPO" a "sleepy" "Before it sleeps"
	wait_until 60 is_recorded HEAD
	wait_until 60 is_resting
	before=$(awk '/ctxt_switches/ { sum += $2 } END { print sum }' "/proc/$(follower)/status")
	read -rt 3 -u "$HARNESS_NEVER" || :
	expect_eq "it was woken" "$(awk '/ctxt_switches/ { sum += $2 } END { print sum }' "/proc/$(follower)/status")" "$before"
	stop_following
}

is_resting() # neither the store nor the recorder's lock is open, and it waits
{
	[ -z "$(find "/proc/$(follower)/fd" -lname '*runwake.db*' -o -lname '*/spool/lock')" ] &&
	    [ "$(awk '/^State:/ { print $2 }' "/proc/$(follower)/status")" = S ]
}

readers_are_not_in_its_way()
{
	local n
	begin_following
	for n in $(seq 15); do
		commit_file "$REPO" a "$n" "Read $n"
		timeout 30 runwake show HEAD --json >"$T/show.$n" &
		(cd "$REPO" && timeout 30 runwake show HEAD --json) >"$T/json" || fail "it cannot be read: $n"
		expect_json "commit $n" "$(cat "$T/json")" '.commit.subject // .commits[0].subject' "Read $n"
		wait $! || :
	done
	wait_until 60 all_is_recorded
	stop_following
	expect_eq "what it said" "$(cat "$T/said")" ""
}

a_store_that_is_away_loses_nothing()
{
	begin_following
	wait_until 60 is_resting
	mv "$STATE/runwake.db" "$T/db"
	rm -f "$STATE/runwake.db"-*
	echo "no database" >"$STATE/runwake.db"
	commit_file "$REPO" a "away" "While the store is away"
	wait_until 60 grep -q 'kept in the spool' "$T/said"
	commit_file "$REPO" a "away too" "Still away"
	mv "$T/db" "$STATE/runwake.db"	# in one step: where there is no file, one is made, and what it got would go with it
	wait_until 60 is_recorded HEAD
	wait_until 60 all_is_recorded
	wait_until 60 grep -q 'works again' "$T/said"
	expect_eq "one line each" "$(wc -l <"$T/said")" 2
	stop_following
}

a_locked_store_loses_nothing()
{
	local locker
	begin_following
	mkfifo "$T/locker"
	sqlite3 "$STATE/runwake.db" <"$T/locker" >"$T/locked" &
	locker=$!
	exec 7>"$T/locker"
	echo "begin immediate; select 'locked';" >&7
	wait_until 60 grep -q locked "$T/locked"
	commit_file "$REPO" a "locked" "While the store is locked"
	wait_until 60 grep -q 'kept in the spool' "$T/said"
	exec 7>&-
	wait "$locker"
	wait_until 60 is_recorded HEAD
	stop_following
}

its_end_drains()
{
	begin_following
	kill -STOP "$(follower)"
	commit_file "$REPO" a "last" "Just before its end"
	kill -TERM "$(follower)"
	kill -CONT "$(follower)"
	wait_until 60 is_gone "$(follower)"
	all_is_recorded || fail "it ended without a last round"
	! is_attended || fail "the spool is still attended"
}

exits_well()
{
	local pid status=0
	runwake record --follow &
	pid=$!
	wait_until 60 is_attended
	kill -INT "$pid"
	wait "$pid" || status=$?
	expect_eq "exit code" "$status" 0
	expect_exit 0 timeout 60 runwake record --follow --idle 1
}

another_takes_over_after_a_kill()
{
	begin_following
	kill -STOP "$(follower)"
	commit_file "$REPO" a "killed" "Seen by one that is killed"
	kill -9 "$(follower)"
	wait_until 60 is_gone "$(follower)"
	begin_following
	wait_until 60 is_recorded HEAD
	# Two at once are too many, but do no harm; the second ends without having attended.
	expect_exit 0 timeout 60 runwake record --follow --idle 1
	is_attended || fail "the first one attends no more"
	commit_file "$REPO" a "two" "Seen by one of two"
	wait_until 60 is_recorded HEAD
	stop_following
}

the_spools_directories_may_go()
{
	begin_following
	# A round that is at work makes the directories that it needs.
	wait_until 60 is_resting
	rm -r "$STATE/spool/in"
	commit_file "$REPO" a "in" "Into a new directory"
	wait_until 60 is_recorded HEAD
	wait_until 60 is_resting
	rm -r "$STATE/spool"
	wait_until 60 is_gone "$(follower)"
	[ ! -e "$STATE/spool" ] || fail "it made the spool anew"
	commit_file "$REPO" a "spool" "Into a new spool"
	wait_until 60 is_recorded HEAD
	wait_until 60 no_recorder_is_left
}

refuses_what_makes_no_sense()
{
	expect_exit 2 runwake record --follow --all
	expect_exit 2 runwake record --follow --no-wait
	expect_exit 2 runwake record --idle 3
	expect_exit 2 runwake record --follow --idle 0
	expect_exit 2 runwake record --follow --idle soon
}

t "a repository" lay_the_ground
t "commits come into the store by themselves" commits_come_by_themselves
t "hooks start no recorder while the spool is attended" hooks_start_no_recorder
t "without anything to do it sleeps" it_sleeps
t "readers and follower are not in each other's way" readers_are_not_in_its_way
t "a store that is away loses nothing" a_store_that_is_away_loses_nothing
t "a locked store loses nothing" a_locked_store_loses_nothing
t "its end drains" its_end_drains
t "it ends with exit code 0" exits_well
t "after a kill -9 another takes over" another_takes_over_after_a_kill
t "the spool's directories may go" the_spools_directories_may_go
t "options that make no sense are refused" refuses_what_makes_no_sense
end_tests
