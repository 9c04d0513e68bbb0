#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# `git checkout` between trees of many files, to an empty tree and into new directories, under a running watcher and an
# active run: each movement is recorded once, the edit state that remains is exact, nothing that is written into
# directories just made is missed, and the watcher comes to rest.
#
#	tests/e2e/watcher_checkout.sh [BUILDDIR]	CHECKOUT_FILES=10000: of a tree, 20 to a directory
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"
# shellcheck source=tests/e2e/watcher_common.bash
. "$(dirname "$0")/watcher_common.bash"

FILES=${CHECKOUT_FILES:-10000}
DIRECTORIES=$((FILES / 20))
REPO=$T/project

# Four branches of one history: one and two have the same paths and other contents, empty has none of them,
# elsewhere has them in other directories. Written without touching the worktree.
fast_import() # prints what git fast-import reads
{
	awk -v files="$FILES" -v directories="$DIRECTORIES" '
	function blob(mark, text) {
		printf "blob\nmark :%d\ndata %d\n%s\n", mark, length(text) + 1, text "\n"
	}
	function commit(branch, from) {
		printf "commit refs/heads/%s\ncommitter Ann Example <ann@example.org> 1700000000 +0000\n", branch
		printf "data %d\n%s\nfrom refs/heads/%s\n", length(branch), branch, from
	}
	function tree(first, top,    i) {
		for (i = 0; i < files; i++)
			printf "M 100644 :%d %s%d/f%d\n", first + i % 50, top, i % directories, i
	}
	BEGIN {
		for (i = 1; i <= 50; i++) { blob(i, "one " i); blob(100 + i, "two " i "\nwith a line more") }
		commit("one", "main"); tree(1, "src/d"); print ""
		commit("two", "one"); tree(101, "src/d"); print ""
		commit("empty", "main"); print ""
		commit("elsewhere", "main"); tree(1, "lib/a/b/e"); print ""
	}'
}

lay_the_ground()
{
	new_repo "$REPO"
	printf '*.o\n/out/\n' >"$REPO/.gitignore"
	seq 20 >"$REPO/steady"
	git -C "$REPO" add .
	git -C "$REPO" commit -q -m "Steady"
	fast_import | git -C "$REPO" fast-import --quiet
	git -C "$REPO" checkout -q one
	wc -l <"$REPO/.git/logs/HEAD" >"$T/before"
	runwake install "$REPO" >/dev/null
	(cd "$REPO" && runwake start --workflow checkout --task "Go to and fro" --run-id fro >/dev/null)
	start_watcher
	wait_until 120 watcher_has_caught_up
}

movements_are_recorded()
{
	movements_of_log "$REPO/.git/logs/HEAD" "$(cat "$T/before")" >"$T/expected"
	movements_in_store "$REPO/.git" >"$T/actual"
	cmp -s "$T/expected" "$T/actual"
}

expect_movements() # COUNT
{
	wait_until 60 movements_are_recorded || expect_same "movements" "$T/actual" "$T/expected"
	expect_eq "movements" "$(wc -l <"$T/expected")" "$1"
}

edits_that_stay()
{
	cd "$REPO"
	echo "edited" >>steady
	mkdir -p notes/deep
	seq 30 >notes/deep/one
	seq 3 >notes/two
	mkdir -p out && seq 9 >out/ignored
	seq 9 >notes/ignored.o
	expect_exact_edits 120 "$REPO"
	expect_eq "edits" "$(wc -l <"$T/edits.store")" 3
}

other_contents()
{
	git -C "$REPO" checkout -q two
	expect_movements 1
	expect_exact_edits 120 "$REPO"
}

an_empty_tree()
{
	git -C "$REPO" checkout -q empty
	expect_movements 2
	expect_exact_edits 120 "$REPO"
	expect_eq "edits" "$(wc -l <"$T/edits.store")" 3
}

# The moment they are there, files in them are written, so that some directories are not watched yet.
new_directories_and_writes_into_them()
{
	local n
	cd "$REPO"
	git checkout -q elsewhere
	for n in $(seq 0 7 $((DIRECTORIES - 1))); do
		seq "$n" >"lib/a/b/e$n/f$n"
		seq 5 >"lib/a/b/e$n/untracked$n"
	done
	expect_movements 3
	expect_exact_edits 120 "$REPO"
	expect_eq "edits" "$(wc -l <"$T/edits.store")" $((3 + 2 * ((DIRECTORIES + 6) / 7)))
}

a_copied_tree()
{
	cd "$REPO"
	cp -r lib "copy"
	mkdir -p w/x/y/z
	seq 4 >w/x/y/z/deep
	expect_exact_edits 120 "$REPO"
	[ "$(grep -c copy/ "$T/edits.store")" -gt "$FILES" ] || fail "the copy's files are not there"
}

all_thrown_away()
{
	cd "$REPO"
	git clean -q -f -d
	git checkout -q -f one
	expect_movements 4
	expect_exact_edits 120 "$REPO"
	expect_eq "edits" "$(cat "$T/edits.store")" ""
}

# Two looks, three seconds apart, find the same but for what the looks themselves cost.
it_comes_to_rest()
{
	local before after
	wait_until 60 watcher_has_caught_up
	wait_until 60 wakeups_are_few
	before=$(status_of_watcher '"\(.events) \([.worktrees[].rescans] | add) \(.overflows)"')
	wait_until 60 wakeups_are_few
	after=$(status_of_watcher '"\(.events) \([.worktrees[].rescans] | add) \(.overflows)"')
	expect_eq "events, rescans and overflows" "$after" "$before"
	[ "$(status_of_watcher '[.worktrees[].rescans] | add')" -le "$(status_of_watcher '.overflows + 1')" ] ||
		fail "rescans that no overflow explains: $after"
}

wakeups_are_few()
{
	local before
	before=$(status_of_watcher .wakeups)
	read -rt 3 -u "$HARNESS_NEVER" || :
	[ $(($(status_of_watcher .wakeups) - before)) -le 6 ]
}

on_the_run()
{
	expect_eq "edit states that no run has" \
	    "$(in_store_now "select count(*) from workflow_edits where workflow_run_id is null")" 0
	expect_json "its numbers" "$(cd "$REPO" && runwake finish >/dev/null && runwake show fro --json)" \
	    '.run.uncommitted_files_changed // .uncommitted_files_changed' 0
	expect_exit 0 runwake verify
}

it_stops()
{
	stop_watcher
	wait_until 60 is_settled
}

t "branches of $FILES files in $DIRECTORIES directories" lay_the_ground
t "edits that stay through all of it" edits_that_stay
t "checkout of other contents" other_contents
t "checkout of an empty tree" an_empty_tree
t "checkout into new directories, and writes into them" new_directories_and_writes_into_them
t "a copied tree" a_copied_tree
t "everything thrown away" all_thrown_away
t "it comes to rest, without a rescan that nothing explains" it_comes_to_rest
t "all of it is the run's, and verify finds no gap" on_the_run
t "the watcher stops" it_stops
end_tests
