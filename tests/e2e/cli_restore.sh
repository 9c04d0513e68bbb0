#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# runwake restore writes out what was uncommitted, byte for byte, and nothing over what is there.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"

sees() # RUN CHANGED UNTRACKED
{
	[ "$(runwake show "$1" --json | jq -r '"\(.run.uncommitted_files_changed) \(.run.uncommitted_untracked_files)"')" = "$2 $3" ]
}

tree_of()
{
	(cd "$1" && find . -type f -exec sha256sum {} + -exec stat -c '%a %n' {} + -o -type l -printf '%p -> %l\n' | sort)
}

begin()
{
	new_repo "$T/shop"
	commit_file "$T/shop" old "old" "Old"
	runwake install "$T/shop" >/dev/null
	start_watcher
	cd "$T/shop"
	runwake start --run-id job
	printf 'changed\n' >README
	rm old
	mkdir -p deep/er "with space"
	head -c 100000 /dev/urandom >deep/er/random
	printf 'x\n' >deep/er/$'quo"te\nline'
	printf 'x\n' >"with space"/$'latin\xe9'
	printf '#!/bin/sh\n' >script
	chmod 755 script
	ln -s /etc/passwd link
	printf 'SECRET=1\n' >.env
	wait_until 60 sees job 2 6
	mkdir "$T/expected"
	cp -a README deep "with space" script link "$T/expected"
	tree_of "$T/expected" >"$T/expected.tree"
}

a_state_is_written_out()
{
	cd "$T"
	runwake restore job --to "made/by it" >"$T/out"
	tree_of "$T/made/by it" >"$T/restored"
	expect_same "what is written" "$T/restored" "$T/expected.tree"
	expect_match "what it says" "$(cat "$T/out")" '^6 files, [0-9]+ bytes: made/by it, as of [0-9: -]+'
	expect_match "what is missing" "$(cat "$T/out")" 'not kept: .env \(its name is in runwake.keepnever\)'
	expect_match "what is missing" "$(cat "$T/out")" 'was deleted: old'
	! grep -q SECRET -r "$T/made" || fail "the secret was kept"
}

nothing_is_written_over()
{
	cd "$T"
	mkdir -p full
	echo mine >full/README
	expect_exit 5 runwake restore job --to full
	expect_match "what it says" "$(cat "$T/err")" "'full' is not empty"
	expect_eq "what is in it" "$(ls -A full) $(cat full/README)" "README mine"
	ln -s full to-full
	expect_exit 5 runwake restore job --to to-full
	expect_exit 2 runwake restore job
	expect_exit 2 runwake restore job --to x --at @latest --discarded
	expect_exit 4 runwake restore nobody --to x
	expect_exit 4 runwake restore job --to x --at 2001-01-01T00:00:00Z
	[ ! -e x ] || fail "a refusal made something"
	mkdir empty
	runwake restore job --to empty >/dev/null
	expect_eq "an empty directory" "$(cat empty/README)" changed
}

some_of_it()
{
	cd "$T"
	runwake restore job --to some deep/er script >"$T/out"
	find some -type f -printf x | wc -c >"$T/count"
	expect_eq "files" "$(cat "$T/count")" 3
	[ -x some/script ] || fail "the script is not executable"
	expect_exit 1 runwake restore job --to none .env old nowhere
	expect_match "what it says" "$(cat "$T/out")" 'not kept: .env'
	[ ! -e none ] || fail "a directory was made for nothing"
}

as_a_document()
{
	local json
	cd "$T"
	json=$(runwake restore job --to document --json)
	expect_json document "$json" '[.to, (.files | length), (.not_kept | map(.path) | join(",")), (.deleted | map(.path) | join(","))] | join(" ")' "document 6 .env old"
	expect_json "its state" "$json" .state "$(runwake show job --json | jq -r '.uncommitted[0].state')"
	runwake restore job --to by-id --at "$(jq -r .state <<<"$json")" >/dev/null
	tree_of by-id >"$T/restored"
	expect_same "by its id" "$T/restored" "$T/expected.tree"
}

what_was_thrown_away()
{
	cd "$T/shop"
	expect_exit 4 runwake restore job --discarded --to "$T/lost"
	git checkout -q . && git clean -q -fdx
	wait_until 60 sees job 0 0
	runwake restore job --discarded --to "$T/lost" >"$T/out"
	tree_of "$T/lost" >"$T/restored"
	expect_same "what is written" "$T/restored" "$T/expected.tree"
	expect_match "what is missing" "$(cat "$T/out")" 'not kept: .env'
	# The latest state that has anything is the one before.
	runwake restore job --to "$T/latest" >/dev/null
	tree_of "$T/latest" >"$T/restored"
	expect_same "the latest with files" "$T/restored" "$T/expected.tree"
}

without_worktree_and_repository()
{
	cd "$T/shop"
	runwake finish job
	cd "$T"
	stop_watcher
	rm -rf "$T/shop"
	runwake restore job --to "$T/after" >/dev/null
	tree_of "$T/after" >"$T/restored"
	expect_same "what is written" "$T/restored" "$T/expected.tree"
	mv "$STATE/kept" "$STATE/kept-away"
	expect_exit 4 runwake restore job --to "$T/nothing"
	[ ! -e "$T/nothing" ] || fail "a directory was made for nothing"
	mv "$STATE/kept-away" "$STATE/kept"
}

t "a run edits" begin
t "a state is written out as it was" a_state_is_written_out
t "nothing is written over" nothing_is_written_over
t "some of it" some_of_it
t "as a document" as_a_document
t "what was thrown away" what_was_thrown_away
t "worktree and repository may be gone" without_worktree_and_repository
end_tests
