#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Too few inotify watches for a large worktree: it is named with the sysctl and the number, its edits still arrive by
# scans from time to time, the others go on, and where the limit is raised it recovers. The limit is one of a user
# namespace of the watcher's own, so that nobody else's is touched.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"
# shellcheck source=tests/e2e/watcher_common.bash
. "$(dirname "$0")/watcher_common.bash"

LARGE=$T/large
SMALL=$T/small
LIMIT=150

needs_namespaces()
{
	unshare --user --map-root-user sh -c 'echo 100 >/proc/sys/user/max_inotify_watches' 2>/dev/null ||
		skip "user namespaces are not to be had here"
}

set_limit() # COUNT
{
	nsenter --user --preserve-credentials --target "$(watcher_of_test)" \
	    sh -c "echo $1 >/proc/sys/user/max_inotify_watches"
}

lay_the_ground()
{
	local n
	needs_namespaces
	wired_repo "$SMALL"
	wired_repo "$LARGE"
	for n in $(seq 400); do
		mkdir -p "$LARGE/d$((n / 20))/e$n"
		seq 3 >"$LARGE/d$((n / 20))/e$n/f"
	done
	git -C "$LARGE" add .
	git -C "$LARGE" commit -q -m "Directories"
	mkdir -p "$SMALL/sub"
	(cd "$LARGE" && runwake start --workflow limit --task "Too large" --run-id large >/dev/null)
	unshare --user --map-root-user sh -c "echo $LIMIT >/proc/sys/user/max_inotify_watches; exec setsid runwake-watcher" \
	    >"$T/watcher.out" 2>&1 &
	wait_until 60 phases_are degraded ready
}

phases_are() # OF-LARGE OF-SMALL
{
	[ "$(worktree_status "$LARGE" phase 2>/dev/null)" = "$1" ] && [ "$(worktree_status "$SMALL" phase)" = "$2" ]
}

it_is_named()
{
	local problem needed
	needs_namespaces
	problem=$(worktree_status "$LARGE" problem)
	needed=$(find "$LARGE" -name .git -prune -o -type d -print | wc -l)
	expect_match "the sysctl" "$problem" 'max_(user|inotify)_watches'
	expect_match "the number needed" "$problem" "(^|[^0-9])$needed([^0-9]|$)"
	expect_eq "watches of its own that it gave back" "$(worktree_status "$LARGE" directories)" 0
	runwake doctor >"$T/doctor" 2>&1 || :
	expect_match "doctor" "$(cat "$T/doctor")" "$LARGE"
	expect_match "doctor names the sysctl" "$(grep -F -A 3 "$LARGE" "$T/doctor")" 'max_(user|inotify)_watches'
}

the_other_goes_on()
{
	needs_namespaces
	seq 5 >"$SMALL/sub/file"
	expect_exact_edits 60 "$SMALL"
	expect_eq "edits" "$(wc -l <"$T/edits.store")" 1
}

edits_arrive_by_scans()
{
	needs_namespaces
	seq 8 >"$LARGE/d3/e70/g"
	echo more >>"$LARGE/d0/e1/f"
	expect_exact_edits 60 "$LARGE"
	expect_eq "edits" "$(wc -l <"$T/edits.store")" 2
}

a_commit_without_hooks_is_seen()
{
	needs_namespaces
	git -C "$LARGE" -c core.hooksPath=/dev/null commit -q -a -m "More"
	wait_until 60 commit_is_recorded
}

commit_is_recorded()
{
	[ "$(in_store_now "select count(*) from workflow_movements where new_hash = '$(git -C "$LARGE" rev-parse HEAD)'")" -eq 1 ]
}

raised_it_recovers()
{
	needs_namespaces
	set_limit 100000
	kill -HUP "$(watcher_of_test)"
	wait_until 60 phases_are ready ready
	expect_eq "problem" "$(worktree_status "$LARGE" problem)" ""
	expect_eq "directories" "$(worktree_status "$LARGE" directories)" "$(find "$LARGE" -name .git -prune -o -type d -print | wc -l)"
	seq 9 >"$LARGE/d5/e100/h"
	expect_exact_edits 60 "$LARGE"
	runwake doctor >"$T/doctor" 2>&1 || :
	! grep -E 'max_(user|inotify)_watches' "$T/doctor"
}

it_stops()
{
	needs_namespaces
	expect_exit 0 runwake-watcher --stop
	wait_until 60 is_settled
}

t "a worktree with more directories than the limit" lay_the_ground
t "it is named with the sysctl and the number" it_is_named
t "the other worktree goes on" the_other_goes_on
t "its edits arrive by scans" edits_arrive_by_scans
t "and its commits, at once" a_commit_without_hooks_is_seen
t "with the limit raised it recovers" raised_it_recovers
t "the watcher stops" it_stops
end_tests
