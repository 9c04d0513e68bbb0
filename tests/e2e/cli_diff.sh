#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What runwake diff and show tell of uncommitted work: it is there after it was thrown away, as a patch that git applies,
# whatever names and contents it has; and it goes to a terminal harmlessly.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"

# Every file of a tree but git's and ours, with its content and its mode.
tree_of()
{
	(cd "$1" && find . -path ./.git -prune -o -name .runwake -prune -o -type f -exec sha256sum {} + -exec stat -c '%a %n' {} + \
	    -o -type l -printf '%p -> %l\n' | sort)
}

states_of() # RUN; how many, and what the latest one has
{
	runwake show "$1" --json | jq -r '"\(.edits | length) \(.run.uncommitted_files_changed) \(.run.uncommitted_untracked_files)"'
}

sees() # RUN CHANGED UNTRACKED
{
	[ "$(runwake show "$1" --json | jq -r '"\(.run.uncommitted_files_changed) \(.run.uncommitted_untracked_files)"')" = "$2 $3" ]
}

edit_everything() # DIR
{
	printf 'one\ntwo, changed\nthree\n' >"$1/text"
	printf 'new\n' >"$1/new file"
	mkdir -p "$1/deep/er"
	printf 'deep\n' >"$1/deep/er/file"
	printf '\0binary\1\2' >"$1/binary"
	printf 'no newline at the end' >"$1/ends"
	printf 'dos\r\nlines\r\n' >"$1/dos"
	printf '#!/bin/sh\n' >"$1/script"
	chmod 755 "$1/script"
	ln -s "text" "$1/link"
	printf 'a\n' >"$1"/$'quo"te\nline'
	printf 'latin\xe9\n' >"$1"/$'latin\xe9'
	rm "$1/old"
}

begin()
{
	write_settings
	new_repo "$T/shop"
	printf 'one\ntwo\nthree\n' >"$T/shop/text"
	commit_file "$T/shop" old "old" "Old"
	git -C "$T/shop" add text
	git -C "$T/shop" commit -q -m "Text"
	runwake install "$T/shop" >/dev/null
	cp -a "$T/shop" "$T/before"
	start_watcher
	(cd "$T/shop" && runwake start --run-id job)
	commit_file "$T/shop" committed "by the run" "Committed"
	edit_everything "$T/shop"
	wait_until 60 sees job 2 9
	tree_of "$T/shop" >"$T/edited"
	git -C "$T/shop" rev-parse HEAD >"$T/head"
}

what_is_uncommitted_is_shown()
{
	local text
	cd "$T/shop"
	runwake diff job >"$T/all"
	expect_match "committed comes first" "$(head -n 1 "$T/all")" '^diff --git a/committed'
	expect_match "then what is not" "$(grep '^# uncommitted' "$T/all")" '^# uncommitted, as of [0-9: -]+: 11 files, \+[0-9]+ -[0-9]+$'
	runwake diff job --committed >"$T/committed"
	git diff --no-ext-diff "$(git rev-parse HEAD~)" HEAD | cmp - "$T/committed"
	text=$(runwake show job)
	expect_match show "$text" 'uncommitted +\+[0-9]+ -[0-9]+ in 11 files \(9 untracked\), as of'
	expect_match show "$text" 'kept +contents of 11 of 11 files'
	expect_json show "$(runwake show job --json)" '.uncommitted | [length, (.[0].files | length), .[0].root] | join(" ")' "1 11 $T/shop"
	expect_json diff "$(runwake diff job --json)" '[(.committed.files | length), (.uncommitted[0].files | length), (.discarded | length)] | join(" ")' "1 11 0"
	expect_eq "by name" "$(runwake diff job --uncommitted --name-only deep text | tr '\n' ' ')" "deep/er/file text "
	expect_match "counted" "$(runwake diff job --uncommitted --stat ./text)" ' text \| \+1 -1'
	expect_match "counted" "$(runwake diff job --uncommitted --stat binary)" ' binary \| Bin'
}

# Each part, as it comes out, makes of what git had what was there.
patches_apply()
{
	git clone -q "$T/shop" "$T/copy"
	git -C "$T/copy" checkout -q "$(cat "$T/head")"
	runwake diff job --uncommitted >"$T/patch"
	git -C "$T/copy" apply "$T/patch"
	tree_of "$T/copy" >"$T/applied"
	expect_same "what the patch made" "$T/applied" "$T/edited"
}

# Nobody committed it, and then it was gone: by checkout, by clean -x, and with the index.
it_is_there_when_it_was_thrown_away()
{
	cd "$T/shop"
	git checkout -q .
	git clean -q -fdx
	git reset -q --hard
	wait_until 60 sees job 0 0
	expect_eq "uncommitted" "$(runwake diff job --uncommitted)" ""
	runwake diff job --discarded >"$T/patch"
	expect_match "the heading" "$(head -n 1 "$T/patch")" '^# thrown away, gone by [0-9: -]+: [0-9]+ files'
	expect_match show "$(runwake show job)" 'thrown away +10 files that nobody committed, contents of 10 kept'
	expect_json show "$(runwake show job --json)" '[.discarded[].files[].path] | length' 10
	# Soon after this the watcher sees them back, and they are no lost work.
	git apply "$T/patch"
	# A file that was deleted and is back is no lost work.
	rm -f old
	tree_of "$T/shop" >"$T/again"
	expect_same "what the patch brings back" "$T/again" "$T/edited"
	git checkout -q . && git clean -q -fdx
	wait_until 60 sees job 0 0
}

an_earlier_state_is_shown()
{
	local at
	at=$(runwake show job --json | jq -r '[.edits[] | select(.files_changed == 2 and .untracked_files == 9)][0].id')
	runwake diff job --at "$at" >"$T/patch"
	git -C "$T/copy" checkout -q . && git -C "$T/copy" clean -q -fdx
	git -C "$T/copy" apply "$T/patch"
	tree_of "$T/copy" >"$T/applied"
	expect_same "what it makes" "$T/applied" "$T/edited"
	at=$(runwake show job --json | jq -r '[.edits[] | select(.files_changed == 2 and .untracked_files == 9)][0].at')
	runwake diff job --at "$at" | cmp - "$T/patch"
	expect_exit 4 runwake diff job --at 2001-01-01T00:00:00Z
	expect_exit 2 runwake diff job --at nonsense
	expect_exit 2 runwake diff job --at "$at" --discarded
	expect_exit 2 runwake diff job --commit HEAD --json
}

what_is_not_kept_is_named()
{
	cd "$T/shop"
	printf 'SECRET=1\n' >.env
	head -c 5000000 /dev/zero | tr '\0' 'x' >huge
	printf 'fine\n' >fine
	wait_until 60 sees job 0 3
	runwake diff job --uncommitted >"$T/patch"
	grep -qxF '# not kept: .env (its name is in runwake.keepnever)' "$T/patch" || fail "$(head "$T/patch")"
	grep -qxF '# not kept: huge (larger than runwake.keepfilemax)' "$T/patch" || fail "$(head "$T/patch")"
	! grep -q SECRET "$T/patch" || fail "the secret was kept"
	grep -qx '+fine' "$T/patch" || fail "the rest is missing"
	expect_match show "$(runwake show job)" 'kept +contents of 1 of 3 files'
	rm -rf "$T/apply" && git init -q "$T/apply"
	git -C "$T/apply" apply "$T/patch"
	expect_eq "what it makes" "$(ls -A "$T/apply")" $'.git\nfine'
	rm .env huge fine
	wait_until 60 sees job 0 0
}

# A path in a heading begins no patch, and nothing but colours speaks to a terminal.
hostile_names_and_contents()
{
	needs script
	cd "$T/shop"
	printf '\033]0;title\007\033[2Jcontent\033[31mred\n' >evil
	printf 'x\n' >$'.env.\ndiff --git README README\n--- a\033[2J'
	wait_until 60 sees job 0 2
	runwake diff job --uncommitted >"$T/raw"
	grep -qF $'\033]0;title' "$T/raw" || fail "bytes are missing where they belong"
	expect_eq "headers of patches" "$(grep -c '^diff --git' "$T/raw")" 1
	TERM=xterm NO_COLOR='' script -qec "runwake diff job --uncommitted" /dev/null </dev/null >"$T/tty"
	! grep -qF $'\033]' "$T/tty" || fail "the title would be set"
	! grep -qF $'\033[2J' "$T/tty" || fail "the screen would be cleared"
	grep -qF '\x1b]0;title\x07\x1b[2Jcontent' "$T/tty" || { cat -v "$T/tty"; fail "it is not shown"; }
	grep -qF $'\033[32m' "$T/tty" || fail "there is no colour"
	rm -f evil .env.*
	wait_until 60 sees job 0 0
}

a_pager_is_used_and_may_go()
{
	needs script
	cd "$T/shop"
	TERM=xterm GIT_PAGER="cat >'$T/paged'" script -qec "runwake diff job" /dev/null </dev/null >/dev/null
	grep -q '^# thrown away' "$T/paged" || fail "the pager has not got it"
	TERM=xterm GIT_PAGER="head -n 1 >'$T/paged'" script -qec "runwake diff job" /dev/null </dev/null >"$T/tty"
	expect_eq "what is said when the pager goes" "$(cat "$T/tty")" ""
	runwake diff job | head -n 1 >/dev/null
	expect_eq "when a reader goes" "${PIPESTATUS[0]}" 0
}

without_the_worktree_and_the_repository()
{
	cd "$T/shop"
	git worktree add -q "$T/side" -b side
	(cd "$T/side" && runwake start --run-id side)
	printf 'lost with the worktree\n' >"$T/side/lost"
	wait_until 60 sees side 0 1
	cd "$T"
	rm -rf "$T/side"
	(cd "$T/shop" && runwake finish side)
	runwake diff side >"$T/out"
	grep -qx '+lost with the worktree' "$T/out" || fail "$(cat "$T/out")"
	(cd "$T/shop" && runwake finish job)
	stop_watcher
	mv "$T/shop" "$T/away"
	expect_exit 0 runwake diff job
	expect_match "what it says" "$(cat "$T/err")" 'is gone from .*; what it committed cannot be shown'
	grep -q '^# thrown away' "$T/out" || fail "the rest is missing"
	expect_exit 4 runwake diff job --committed
	rm -rf "$STATE/kept"
	expect_exit 1 runwake diff job --discarded
	grep -q '^# thrown away' "$T/out" || fail "the figures are missing"
	expect_match "what it says" "$(cat "$T/err")" 'kept'
}

t "a run edits" begin
t "what is uncommitted is shown" what_is_uncommitted_is_shown
t "the patch makes what was there" patches_apply
t "what was thrown away is there" it_is_there_when_it_was_thrown_away
t "an earlier state is shown" an_earlier_state_is_shown
t "what is not kept is named with the reason" what_is_not_kept_is_named
t "hostile names and contents" hostile_names_and_contents
t "a pager is used, and may go" a_pager_is_used_and_may_go
t "worktree and repository may be gone" without_the_worktree_and_the_repository
end_tests
