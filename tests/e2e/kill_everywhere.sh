#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# kill -9 of the hook, the recorder, start and finish at each call that changes a file: the first, the second, the third
# … until the program survives. Afterwards what was accepted is recorded, and nothing is recorded twice.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"

REPO=$T/project
# An installation whose hooks find no recorder to start, so that events wait for the one that is to be killed.
MUTE=$T/mute
# Every way in which a file changes, is made durable, comes or goes. A commit of the store is among them.
CALLS='write pwrite64 writev ftruncate fsync fdatasync rename renameat renameat2 link linkat unlink unlinkat mkdir'
MOST=600	# kills at one call; more would mean that the program never comes to its end

lay_the_ground()
{
	needs strace
	strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
	own_prefix "$MUTE" >/dev/null
	rm "$MUTE/bin/runwake"
	wired_repo "$REPO"
	wc -l <"$REPO/.git/logs/HEAD" >"$T/baseline"
	wait_until 60 is_settled
	XDG_STATE_HOME=$T/born runwake list --json >"$T/empty-list"
	expect_json "list of a new store" "$(<"$T/empty-list")" '.runs | length' 0
	: >"$T/ready"
}

# Runs a command under strace and kills it at its Nth CALL; its children run free. 0: it was killed; 1: it came to its
# end, and $T/exit has its code.
killed_at() # CALL N COMMAND…
{
	local call=$1 n=$2 status=0
	shift 2
	strace -o /dev/null -e trace="$call" -e inject="$call:signal=KILL:when=$n" "$@" >"$T/out" 2>"$T/err" || status=$?
	echo "$status" >"$T/exit"
	[ "$status" -ne 137 ] || return 0
	[ "$status" -lt 126 ] || { cat "$T/err" >&2; fail "$* ended with $status"; }
	return 1
}

commit_unseen() # SUBJECT
{
	git -C "$REPO" -c core.hooksPath=/dev/null commit -q --allow-empty -m "$1"
}

witness() # PREFIX
{
	(cd "$REPO" && "$1/libexec/runwake/hooks/post-commit")
}

# What nobody had accepted when it was killed is found at the next chance.
all_is_recorded() # WHEN
{
	witness "$MUTE"
	expect_eq "movements after $1" "$(in_store "select count(*) from workflow_movements")" \
	    $(($(wc -l <"$REPO/.git/logs/HEAD") - $(cat "$T/baseline")))
}

# ROUND CALL N for each call and each n, until the round says that the program came to its end.
at_every_call() # ROUND
{
	local call n kills=0
	[ -f "$T/ready" ] || skip "nothing can be killed here"
	for call in $CALLS; do
		n=1
		while "$1" "$call" "$n"; do
			kills=$((kills + 1))
			n=$((n + 1))
			[ "$n" -le "$MOST" ] || fail "$1: still killed at the ${n}th $call"
		done
	done
	echo "$1: $kills kills" >>"$T/kills"
	[ "$kills" -ge 2 ] || fail "$1 was killed only $kills times: nothing was tried"
}

hook_round() # CALL N
{
	local killed=0
	cd "$REPO"
	commit_unseen "hook, $1 $2"
	killed_at "$1" "$2" "$PREFIX/libexec/runwake/hooks/post-commit" || killed=1
	all_is_recorded "the hook's kill at $1 $2"
	return "$killed"
}

# Where another writer holds the spool's file, the hook writes one of its own.
crowded_hook_round() # CALL N
{
	local killed=0
	cd "$REPO"
	commit_unseen "hook beside another writer, $1 $2"
	mkdir -p "$STATE/spool/in"
	exec 7>>"$STATE/spool/in/current"
	flock 7
	killed_at "$1" "$2" "$MUTE/libexec/runwake/hooks/post-commit" || killed=1
	exec 7>&-
	all_is_recorded "the hook's kill beside another writer at $1 $2"
	return "$killed"
}

recorder_round() # CALL N
{
	local killed=0 accepted
	commit_unseen "recorder, $1 $2"
	commit_unseen "recorder, $1 $2, again"
	witness "$MUTE"
	accepted=$(git -C "$REPO" rev-parse HEAD)
	commit_unseen "recorder, $1 $2, not witnessed"
	killed_at "$1" "$2" "$PREFIX/bin/runwake" record || killed=1
	expect_eq "what was accepted before $1 $2" \
	    "$(in_store "select count(*) from workflow_movements where new_hash = '$accepted'")" 1
	all_is_recorded "the recorder's kill at $1 $2"
	return "$killed"
}

# The store comes into being: its file, its tables, its first transaction.
birth_round() # CALL N
{
	local killed=0
	export XDG_STATE_HOME=$T/birth
	rm -rf "$XDG_STATE_HOME"
	killed_at "$1" "$2" "$PREFIX/bin/runwake" list --json || killed=1
	expect_eq "list after the store's birth was cut short at $1 $2" "$(runwake list --json)" "$(<"$T/empty-list")"
	return "$killed"
}

start_round() # CALL N
{
	local killed=0 id=start-$1-$2 marker
	cd "$REPO"
	killed_at "$1" "$2" "$PREFIX/bin/runwake" start --workflow test --task "Be killed" --run-id "$id" || killed=1
	runwake record
	if [ "$killed" -eq 1 ] && [ "$(cat "$T/exit")" -eq 0 ]; then
		expect_eq "a run that was accepted" "$(in_store "select workflow_name from workflow_runs where run_id = '$id'")" test
	fi
	if [ -f .runwake ]; then
		marker=$(jq -r .run_id .runwake)
		expect_eq "the run that the marker names, after $1 $2" \
		    "$(in_store "select workflow_name || ' ' || status from workflow_runs where run_id = '$marker'")" "test running"
	fi
	expect_eq "half a run after $1 $2" "$(in_store "select count(*) from workflow_runs where workflow_name = 'unknown'")" 0
	runwake start --workflow test --task "Begin anew" --run-id "$id-anew" --replace >/dev/null
	runwake finish --status completed
	[ ! -e .runwake ] || fail "a marker is left after $1 $2"
	return "$killed"
}

finish_round() # CALL N
{
	local killed=0 id=finish-$1-$2
	cd "$REPO"
	runwake start --workflow test --task "End" --run-id "$id" >/dev/null
	commit_unseen "for $id"
	killed_at "$1" "$2" "$PREFIX/bin/runwake" finish --status completed || killed=1
	# Whether the end was accepted or not, the same words again bring it about, once.
	runwake finish "$id" --status completed 2>"$T/err" || expect_eq "finish again after $1 $2" $? 3
	expect_json "the run after $1 $2" "$(runwake show "$id" --json)" \
	    '"\(.run.status) \(.commits | length) \(.run.completed_at != null)"' "completed 1 true"
	[ ! -e .runwake ] || fail "a marker is left after $1 $2"
	return "$killed"
}

no_movement_is_missing()
{
	[ -f "$T/ready" ] || skip "nothing was killed"
	expect_json "verify" "$(runwake verify --json "$REPO")" '.gaps | length' 0
	tail -n "+$(($(cat "$T/baseline") + 1))" "$REPO/.git/logs/HEAD" | cut -d' ' -f2 | sort >"$T/expected"
	in_store "select new_hash from workflow_movements" | sort >"$T/actual"
	expect_same "movements" "$T/actual" "$T/expected"
	expect_eq "lines set aside" "$(find "$STATE/spool/quarantine" -type f 2>/dev/null | wc -l)" 0
}

t "a repository" lay_the_ground
t "the hook, killed at each call" at_every_call hook_round
t "the hook beside another writer, killed at each call" at_every_call crowded_hook_round
t "the recorder, killed at each call" at_every_call recorder_round
t "the birth of the store, killed at each call" at_every_call birth_round
t "start, killed at each call" at_every_call start_round
t "finish, killed at each call" at_every_call finish_round
t "what was accepted is recorded, and nothing twice" no_movement_is_missing
[ ! -f "$T/kills" ] || sed 's/^/# /' "$T/kills"
end_tests
