#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every kind of hook that may be there before ours: it gets the same arguments, directory, environment and input as
# without us, its exit code reaches git, all movements are recorded, and uninstalling brings back every byte.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"
# shellcheck source=tests/e2e/hooks_common.bash
. "$(dirname "$0")/hooks_common.bash"

ECHO=$BUILD/tests/e2e/tool_hook_echo
[ -x "$ECHO" ] || { echo "Bail out! tool_hook_echo is not built (make tools)"; exit 1; }

# ---- the hooks that are there before ---------------------------------------------------------------
put_none() { :; }
put_shell() { for name in "${HOOK_NAMES[@]}"; do write_shell_hook "$1/$name"; done; }
put_program() { for name in "${HOOK_NAMES[@]}"; do cp "$ECHO" "$1/$name"; done; }

put_not_executable()
{
	put_shell "$1"
	for name in "${HOOK_NAMES[@]}"; do chmod 644 "$1/$name"; done
}

# A script without "#!": git runs it with sh.
put_bare_script()
{
	put_shell "$1"
	for name in "${HOOK_NAMES[@]}"; do sed -i 1d "$1/$name"; done
}

# One program behind links, relative ones, as tools with many hooks have them.
put_links()
{
	write_shell_hook "$1/all-hooks"
	for name in "${HOOK_NAMES[@]}"; do ln -s all-hooks "$1/$name"; done
}

# One script that asks its own name what to do.
put_dispatcher()
{
	for name in "${HOOK_NAMES[@]}"; do
		write_shell_hook "$1/$name.d"
		printf '#!/bin/sh\nHOOK_NAME="$(basename "$0")" exec "$(dirname "$0")/$(basename "$0").d" "$@"\n' >"$1/$name"
		chmod 711 "$1/$name"
	done
}

# Old files with odd modes and times.
put_odd_modes()
{
	put_shell "$1"
	chmod 500 "$1/post-commit"
	chmod 777 "$1/pre-push"
	touch -d '2001-02-03 04:05:06.789' "$1"/p*
}

# ---- what git does ---------------------------------------------------------------------------------
# The same work each time, from the same repository in the same place at the same seconds: the same hashes.
work()
{
	export GIT_AUTHOR_DATE='2026-01-02 03:04:05 +0100' GIT_COMMITTER_DATE='2026-01-02 03:04:05 +0100'
	git commit -q --allow-empty -m "A commit"
	git commit -q --allow-empty --amend -m "An amended commit"
	git checkout -q -b side
	echo side >aside && git add aside && git commit -q -m "On the side"
	git checkout -q main
	git checkout -q -- README
	git commit -q --allow-empty -m "On main"
	git merge -q --no-ff -m "A merge" side
	git format-patch -q -1 side -o "$T/patches"
	git checkout -q -b mailed side~1
	git am -q "$T"/patches/*.patch
	echo mailed >also && git add also && git commit -q -m "After the mail"
	git rebase -q main
	git push -q "$T/remote.git" main "+side:other" 2>&1
	git push -q "$T/remote.git" :other
	git push -q "$T/remote.git" main
}

# prepare DIR KIND: the repository before us, and a copy of it.
prepare()
{
	rm -rf "$1" "$T/patches" "$T/remote.git"
	git init -q "$1"
	rm -f "$1"/.git/hooks/*.sample
	(cd "$1" && GIT_AUTHOR_DATE='1700000000 +0000' GIT_COMMITTER_DATE='1700000000 +0000' commit_file . README x Begin)
	"put_$2" "$1/.git/hooks"
	git init -q --bare "$T/remote.git"
	cp -a "$1" "$T/before" && cp -a "$T/remote.git" "$T/remote.before"
}

restore_copy() # DIR
{
	rm -rf "$1" "$T/patches" "$T/remote.git"
	cp -a "$T/before" "$1"
	cp -a "$T/remote.before" "$T/remote.git"
}

calls_are_the_same() # KIND
{
	local repo=$T/repo
	rm -rf "$T/before" "$T/remote.before" "$T"/log.*
	prepare "$repo" "$1"
	(cd "$repo" && HOOK_LOG=$T/log work)
	touch "$T/log" && mv "$T/log" "$T/log.alone"
	restore_copy "$repo"
	runwake install "$repo"
	(cd "$repo" && HOOK_LOG=$T/log work)
	touch "$T/log" && mv "$T/log" "$T/log.ours"
	expect_same "what the hooks got" "$T/log.ours" "$T/log.alone"
	case $1 in
	none | not_executable) [ ! -s "$T/log.ours" ] || fail "hooks ran that do not run without us" ;;
	*) expect_eq "hooks that ran" "$(grep -c '^hook' "$T/log.ours")" 18 ;;
	esac
}

all_is_recorded()
{
	movements_are_complete "$T/repo"
	expect_eq "movements" "$(in_store 'select count(*) from workflow_movements m, workflow_repositories r
	    where r.id = m.repository_id and r.id = (select id from workflow_repositories order by first_seen_at desc limit 1)')" \
	    "$(($(git -C "$T/repo" reflog | wc -l) - 1))"
	expect_match "doctor" "$(runwake doctor "$T/repo")" '6 of 6 answer'
}

again_changes_nothing()
{
	snapshot "$T/repo/.git/hooks" "$T/repo/.git/runwake" >"$T/once"
	runwake install "$T/repo" | tee "$T/said"
	snapshot "$T/repo/.git/hooks" "$T/repo/.git/runwake" >"$T/twice"
	expect_same "a second installation" "$T/twice" "$T/once"
	expect_eq "what it says" "$(wc -l <"$T/said")" 1
}

comes_back()
{
	setup_of "$T/before/.git" >"$T/then"
	runwake install --uninstall "$T/repo"
	setup_of "$T/repo/.git" >"$T/now"
	expect_same "the git directory" "$T/now" "$T/then"
}

says_before_doing()
{
	setup_of "$T/repo/.git" >"$T/then"
	runwake install --dry-run "$T/repo"
	setup_of "$T/repo/.git" >"$T/now"
	expect_same "after a dry run" "$T/now" "$T/then"
}

for kind in none shell program not_executable bare_script links dispatcher odd_modes; do
	t "$kind: git's calls are the same with us" calls_are_the_same "$kind"
	t "$kind: every movement is recorded" all_is_recorded
	t "$kind: installing again changes nothing" again_changes_nothing
	t "$kind: uninstalling brings back every byte" comes_back
	t "$kind: a dry run changes nothing" says_before_doing
done

# ---- exit codes ------------------------------------------------------------------------------------
try() # WHAT COMMAND…
{
	local status=0 what=$1
	shift
	"$@" >/dev/null 2>&1 || status=$?
	echo "$what $status"
}

# What git answers, for each way in which a hook may end.
codes() # REPO
{
	local code name
	cd "$1"
	for code in 0 1 42 255; do
		export HOOK_EXIT=$code
		for name in "${HOOK_NAMES[@]}"; do
			try "$code $name" git hook run "$name" -- a b 1
		done
		try "$code checkout" git checkout -b "branch$code" main
		try "$code commit" git commit --allow-empty -m "$code"
		try "$code push" git push "$1.git" "main:refs/heads/pushed$code"
	done
	unset HOOK_EXIT
	# How a hook died, a shell in between tells as a code; a failure it is either way.
	HOOK_SIGNAL=9 try "killed push" git push "$1.git" main:refs/heads/killed
	git --git-dir="$1.git" for-each-ref --format='%(refname)'
}

repo_for_codes() # REPO KIND
{
	rm -rf "$1" "$1.git"
	new_repo "$1"
	rm -f "$1"/.git/hooks/*.sample
	"put_$2" "$1/.git/hooks"
	git init -q --bare "$1.git"
}

exit_codes_pass() # KIND
{
	export HOOK_LOG=$T/codes.log
	repo_for_codes "$T/codes" "$1"
	(codes "$T/codes") >"$T/codes.alone"
	repo_for_codes "$T/codes" "$1"
	runwake install "$T/codes"
	(codes "$T/codes") >"$T/codes.ours"
	expect_same "exit codes" "$T/codes.ours" "$T/codes.alone"
	grep -qx '42 push 1' "$T/codes.ours" || fail "the test proves nothing: $(cat "$T/codes.ours")"
	runwake install --uninstall "$T/codes"
}

t "a shell hook's exit code reaches git" exit_codes_pass shell
t "a program's exit code reaches git" exit_codes_pass program
t "a dispatcher's exit code reaches git" exit_codes_pass dispatcher

no_hook_no_code()
{
	new_repo "$T/free"
	runwake install "$T/free"
	git init -q --bare "$T/free.git"
	(codes "$T/free") >"$T/codes.free"
	grep -vE ' (0|refs/.*)$|^refs/' "$T/codes.free" && fail "a hook of ours gives a code of its own"
	runwake install --uninstall "$T/free"
}

t "where no hook was, all is well" no_hook_no_code

end_tests
