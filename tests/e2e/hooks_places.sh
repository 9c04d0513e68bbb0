#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Everywhere where git may look for hooks: core.hooksPath of every scope and shape, linked worktrees, submodules, bare
# repositories, odd paths. Ours go where they may, and nowhere else; where they cannot, doctor says so and the
# record is complete all the same.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"
# shellcheck source=tests/e2e/hooks_common.bash
. "$(dirname "$0")/hooks_common.bash"

six_answer() # REPO [HOW-OFTEN]
{
	runwake doctor "$1" >"$T/doctor" || { cat "$T/doctor"; fail "doctor finds something broken"; }
	expect_eq "worktrees whose hooks answer" "$(grep -c '6 of 6 answer' "$T/doctor")" "${2:-1}"
}

# An empty commit in the directory is in the store by the hook alone.
is_witnessed() # DIR
{
	local before after
	before=$(witnessed "$1")
	git -C "$1" commit -q --allow-empty -m "Witnessed"
	after=$(witnessed "$1")
	expect_eq "movements that the hook witnessed in $1" "$((after - before))" 1
}

is_not_witnessed_but_found() # DIR
{
	local before
	runwake verify --repair "$1" >/dev/null || :
	before=$(witnessed "$1")
	git -C "$1" commit -q --allow-empty -m "Found later"
	expect_eq "movements that hooks witnessed" "$(($(witnessed "$1") - before))" 0
	runwake verify --repair "$1" >/dev/null || :
	movements_are_complete "$1"
	expect_eq "movements after all" "$(($(witnessed "$1") - before))" 1
}

# setup ID: a repository with an old shell hook for post-commit and pre-push in the directory that it will use
local_absolute()
{
	local repo=$T/absolute
	new_repo "$repo"
	mkdir "$T/hooks-absolute"
	printf '#!/bin/sh\necho ran >>"%s"\n' "$T/absolute.log" >"$T/hooks-absolute/post-commit"
	chmod 755 "$T/hooks-absolute/post-commit"
	git -C "$repo" config core.hooksPath "$T/hooks-absolute"
	snapshot "$T/hooks-absolute" "$repo/.git/hooks" >"$T/then"
	runwake install "$repo"
	six_answer "$repo"
	is_witnessed "$repo"
	expect_eq "the old hook ran" "$(cat "$T/absolute.log")" ran
	runwake install --uninstall "$repo"
	snapshot "$T/hooks-absolute" "$repo/.git/hooks" >"$T/now"
	expect_same "what is left" "$T/now" "$T/then"
}

two_in_one_directory()
{
	mkdir "$T/hooks-two"
	printf '#!/bin/sh\nexit 0\n' >"$T/hooks-two/post-commit"
	chmod 755 "$T/hooks-two/post-commit"
	snapshot "$T/hooks-two" >"$T/then"
	for repo in "$T/two-a" "$T/two-b"; do
		new_repo "$repo"
		git -C "$repo" config core.hooksPath "$T/hooks-two"
		runwake install "$repo"
	done
	runwake install --uninstall "$T/two-a" | tee "$T/said"
	expect_match "what it says" "$(cat "$T/said")" 'two-b/.git: uses it, too'
	six_answer "$T/two-b"
	is_witnessed "$T/two-b"
	runwake install --uninstall "$T/two-b"
	snapshot "$T/hooks-two" >"$T/now"
	expect_same "what is left" "$T/now" "$T/then"
}

tracked()
{
	local repo=$T/tracked
	new_repo "$repo"
	mkdir "$repo/githooks"
	printf '#!/bin/sh\nexit 0\n' >"$repo/githooks/pre-commit"
	chmod 755 "$repo/githooks/pre-commit"
	git -C "$repo" config core.hooksPath githooks
	# Not yet tracked, and not ignored either: ours would be in the next `git add`.
	expect_exit 1 runwake install "$repo"
	expect_match "the mend" "$(cat "$T/err")" 'under version control'
	git -C "$repo" add githooks
	git -C "$repo" commit -q -m "Hooks for all"
	expect_exit 1 runwake install "$repo"
	expect_eq "git status" "$(git -C "$repo" status --porcelain)" ""
	expect_eq "what is in the directory" "$(ls "$repo/githooks")" pre-commit
	expect_exit 1 runwake doctor "$repo"
	expect_match "doctor" "$(cat "$T/out")" 'under version control'
	is_not_witnessed_but_found "$repo"
	runwake install --uninstall "$repo"
}

tracked_by_link()
{
	local repo=$T/tracked-link
	new_repo "$repo"
	mkdir "$repo/scripts"
	echo x >"$repo/scripts/file"
	git -C "$repo" add scripts
	git -C "$repo" commit -q -m "Scripts"
	rm -rf "$repo/.git/hooks"
	ln -s ../scripts "$repo/.git/hooks"
	expect_exit 1 runwake install "$repo"
	expect_eq "git status" "$(git -C "$repo" status --porcelain)" ""
	runwake install --uninstall "$repo"
	expect_eq "the link" "$(readlink "$repo/.git/hooks")" ../scripts
}

# Somebody's dotfiles: tracked in another repository.
tracked_elsewhere()
{
	new_repo "$T/dotfiles"
	mkdir "$T/dotfiles/hooks"
	echo x >"$T/dotfiles/hooks/README"
	git -C "$T/dotfiles" add hooks
	git -C "$T/dotfiles" commit -q -m "Hooks"
	new_repo "$T/user"
	git -C "$T/user" config core.hooksPath "$T/dotfiles/hooks"
	expect_exit 1 runwake install "$T/user"
	expect_eq "git status there" "$(git -C "$T/dotfiles" status --porcelain)" ""
	runwake install --uninstall "$T/user"
}

linked_worktrees()
{
	local repo=$T/linked
	new_repo "$repo"
	git -C "$repo" worktree add -q "$T/linked-before"
	runwake install "$repo"
	git -C "$repo" worktree add -q "$T/linked-after"
	wait_until 60 is_settled
	six_answer "$repo" 3
	is_witnessed "$repo"
	is_witnessed "$T/linked-before"
	is_witnessed "$T/linked-after"
	# Named by a linked worktree, it is the same repository.
	runwake install "$T/linked-after" | tee "$T/said"
	expect_eq "what a second installation says" "$(wc -l <"$T/said")" 1
	movements_are_complete "$repo"
	runwake install --uninstall "$T/linked-before"
	expect_eq "hooks that are left" "$(find "$repo/.git/hooks" -name 'po*' ! -name '*.sample')" ""
	expect_eq "what is left of us" "$(find "$repo/.git" -name '*runwake*')" ""
}

# git removes the root, then the files in the worktree's git directory: one that the recorder makes there in that
# moment would make the removal fail.
removed_while_recorded()
{
	local round failed=0
	wired_repo "$T/busy"
	for round in $(seq 25); do
		git -C "$T/busy" worktree add -q -b "busy$round" "$T/busy$round"
		commit_file "$T/busy$round" work "one line" "Work"
		git -C "$T/busy" worktree remove --force "$T/busy$round" || failed=$((failed + 1))
	done
	expect_eq "removals that failed" "$failed" 0
	wait_until 60 is_settled
	expect_eq "movements" "$(in_store "select count(*) from workflow_movements m join workflow_repositories r
	    on r.id = m.repository_id where r.common_dir = '$T/busy/.git' and m.kind = 'commit'")" 25
}

worktree_level()
{
	local repo=$T/level
	new_repo "$repo"
	git -C "$repo" config extensions.worktreeConfig true
	git -C "$repo" worktree add -q "$T/level-own"
	git -C "$repo" worktree add -q "$T/level-lost"
	mkdir "$T/hooks-own"
	git -C "$T/level-own" config --worktree core.hooksPath "$T/hooks-own"
	git -C "$T/level-lost" config --worktree core.hooksPath "$T/hooks-of-nobody"
	expect_exit 1 runwake install "$repo"
	expect_match "the mend" "$(cat "$T/err")" 'level-lost.*hooks-of-nobody.*not there'
	[ ! -e "$T/hooks-of-nobody" ] || fail "a directory was made that somebody else named"
	expect_exit 1 runwake doctor "$repo"
	expect_eq "worktrees that answer" "$(grep -c '6 of 6 answer' "$T/out")" 2
	expect_eq "worktrees that are broken" "$(grep '^broken' "$T/out" | grep -c level-lost)" 1
	is_witnessed "$repo"
	is_witnessed "$T/level-own"
	is_not_witnessed_but_found "$T/level-lost"
	runwake install --uninstall "$repo"
	expect_eq "hooks that are left" "$(ls "$T/hooks-own")" ""
}

# Relative, untracked and ignored, as husky makes it: only the worktree that has it runs hooks.
relative_ignored()
{
	local repo=$T/relative
	new_repo "$repo"
	mkdir -p "$repo/.husky/_"
	echo '*' >"$repo/.husky/_/.gitignore"
	git -C "$repo" config core.hooksPath .husky/_
	git -C "$repo" worktree add -q "$T/relative-linked"
	expect_exit 1 runwake install "$repo"
	expect_match "which worktree" "$(cat "$T/err")" 'relative-linked'
	expect_eq "git status" "$(git -C "$repo" status --porcelain)$(git -C "$T/relative-linked" status --porcelain)" ""
	is_witnessed "$repo"
	is_not_witnessed_but_found "$T/relative-linked"
	runwake install --uninstall "$repo"
	expect_eq "what is left" "$(ls -A "$repo/.husky/_")" .gitignore
}

# One that counts for all of a person's repositories is nobody's to change for one of them.
global_path()
{
	local repo=$T/global
	mkdir "$T/hooks-global"
	printf '#!/bin/sh\necho ran >>"%s"\n' "$T/global.log" >"$T/hooks-global/post-commit"
	chmod 755 "$T/hooks-global/post-commit"
	snapshot "$T/hooks-global" >"$T/then"
	new_repo "$repo"
	new_repo "$T/global-other"
	git config --global core.hooksPath "$T/hooks-global"
	expect_exit 1 runwake install "$repo"
	expect_match "the mend" "$(cat "$T/err")" '--shared'
	snapshot "$T/hooks-global" >"$T/now"
	expect_same "the person's hooks" "$T/now" "$T/then"
	is_not_witnessed_but_found "$repo"
	: >"$T/global.log"
	runwake install --shared "$repo"
	six_answer "$repo"
	is_witnessed "$repo"
	git -C "$T/global-other" commit -q --allow-empty -m "Not recorded"
	expect_eq "the person's hook ran in both" "$(wc -l <"$T/global.log")" 2
	[ ! -e "$T/global-other/.git/runwake" ] || fail "a repository was recorded that nobody named"
	runwake install --uninstall "$repo"
	snapshot "$T/hooks-global" >"$T/now"
	git config --global --unset core.hooksPath
	expect_same "the person's hooks" "$T/now" "$T/then"
}

# core.hooksPath may name our programs themselves: what it hides is run.
our_programs()
{
	local repo=$T/direct
	new_repo "$repo"
	git init -q --bare "$repo.git"
	write_shell_hook "$repo/.git/hooks/post-commit"
	write_shell_hook "$repo/.git/hooks/pre-push"
	git -C "$repo" config core.hooksPath "$PROGRAMS"
	snapshot "$repo/.git/hooks" >"$T/then"
	export HOOK_LOG=$T/direct.log
	(cd "$repo" && git commit -q --allow-empty -m "Not recorded yet")
	expect_eq "hooks that ran in a repository that is not recorded" "$(grep -c '^hook' "$HOOK_LOG")" 1
	runwake install "$repo"
	six_answer "$repo"
	: >"$HOOK_LOG"
	is_witnessed "$repo"
	! HOOK_EXIT=3 git -C "$repo" push -q "$repo.git" main || fail "the hidden hook's exit code is lost"
	expect_eq "its input" "$(sed -n '/^input:/{n;p}' "$HOOK_LOG" | tail -n 1)" \
	    "refs/heads/main $(git -C "$repo" rev-parse HEAD) refs/heads/main $(printf '%040d' 0)"
	! HOOK_SIGNAL=9 git -C "$repo" push -q "$repo.git" main 2>/dev/null || fail "a killed hook lets git push"
	git -C "$repo" push -q "$repo.git" main
	snapshot "$repo/.git/hooks" >"$T/now"
	expect_same "the repository's own hooks" "$T/now" "$T/then"
	runwake install --uninstall "$repo"
}

# Wired first, and then core.hooksPath names our programs: the shim there must not run us once more.
our_programs_over_a_shim()
{
	local repo=$T/over
	new_repo "$repo"
	git init -q --bare "$repo.git"
	write_shell_hook "$repo/.git/hooks/pre-push"
	runwake install "$repo"
	git -C "$repo" config core.hooksPath "$PROGRAMS"
	export HOOK_LOG=$T/over.log
	git -C "$repo" push -q "$repo.git" main
	expect_eq "runs of the old hook" "$(grep -c '^hook' "$HOOK_LOG")" 1
	expect_eq "pushes recorded" "$(in_store "select count(*) from workflow_pushes p, workflow_repositories r
	    where r.id = p.repository_id and r.common_dir = '$repo/.git'")" 1
	git -C "$repo" config --unset core.hooksPath
	runwake install --uninstall "$repo"
}

switched_off()
{
	local repo=$T/off
	wired_repo "$repo"
	git -C "$repo" config core.hooksPath /dev/null
	expect_exit 1 runwake doctor "$repo"
	expect_match "doctor" "$(cat "$T/out")" '/dev/null'
	is_not_witnessed_but_found "$repo"
	git -C "$repo" config --unset core.hooksPath
	six_answer "$repo"
}

no_hooks_directory()
{
	local repo=$T/without
	new_repo "$repo"
	rm -rf "$repo/.git/hooks"
	runwake install "$repo"
	six_answer "$repo"
	is_witnessed "$repo"
	runwake install --uninstall "$repo"
	[ ! -e "$repo/.git/hooks" ] || fail "the directory that we made is left"
}

odd_paths()
{
	local name repo
	for name in 'with space' $'with\nnewline' $'with\ttab' "quote'quote" 'double"quote' '$dollar `tick` %41' '-dash' $'\xff\xfe'; do
		repo="$T/odd $name"
		new_repo "$repo"
		write_shell_hook "$repo/.git/hooks/post-commit"
		write_shell_hook "$repo/.git/hooks/pre-push"
		git init -q --bare "$T/odd.git"
		setup_of "$repo/.git" >"$T/then"
		export HOOK_LOG=$T/odd.log
		rm -f "$HOOK_LOG"
		runwake install -- "$repo"
		six_answer "$repo"
		git -C "$repo" commit -q --allow-empty -m One
		git -C "$repo" push -q "$T/odd.git" main
		expect_eq "old hooks that ran in '$name'" "$(grep -c '^hook' "$HOOK_LOG")" 2
		movements_are_complete "$repo"
		runwake install --uninstall -- "$repo"
		setup_of "$repo/.git" >"$T/now"
		expect_same "what is left in '$name'" "$T/now" "$T/then"
		rm -rf "$T/odd.git"
	done
}

# The prefix may be odd, too: it stands in every shim.
odd_prefix()
{
	local prefix="$T/an odd 'prefix'" repo=$T/of-odd-prefix
	own_prefix "$prefix" >/dev/null
	new_repo "$repo"
	"$prefix/bin/runwake" install "$repo"
	"$prefix/bin/runwake" doctor "$repo" | grep -q '6 of 6 answer'
	is_witnessed "$repo"
	# An installation elsewhere takes over.
	runwake doctor "$repo" | grep -q 'another installation'
	runwake install "$repo" | grep -q 'renewed: post-checkout post-commit post-merge post-applypatch post-rewrite pre-push'
	rm -rf "$prefix"
	six_answer "$repo"
	runwake install --uninstall "$repo"
}

submodules()
{
	local repo=$T/super
	new_repo "$T/sub-origin"
	new_repo "$repo"
	git -C "$repo" submodule --quiet add "$T/sub-origin" 'sub with space'
	git -C "$repo" submodule --quiet add "$T/sub-origin" sub
	git -C "$repo" commit -q -m "Submodules"
	runwake install "$repo" >"$T/said"
	expect_eq "repositories that it names" "$(grep -c 'is recorded' "$T/said")" 1
	[ ! -e "$repo/.git/modules/sub/runwake" ] || fail "a submodule was recorded that nobody named"
	runwake install --recurse-submodules "$repo" >"$T/said"
	cat "$T/said"
	expect_eq "repositories that it names" "$(grep -c 'is recorded' "$T/said")" 3
	six_answer "$repo/sub"
	is_witnessed "$repo/sub"
	is_witnessed "$repo/sub with space"
	is_witnessed "$repo"
	runwake install --uninstall --recurse-submodules "$repo"
	expect_eq "what is left of us" "$(find "$repo/.git" -name '*runwake*')" ""
}

bare()
{
	local repo=$T/bare.git
	new_repo "$T/bare-source"
	git clone -q --bare "$T/bare-source" "$repo"
	setup_of "$repo" >"$T/then"
	runwake install "$repo"
	six_answer "$repo"
	git -C "$repo" worktree add -q "$T/bare-linked" main
	wait_until 60 is_settled
	is_witnessed "$T/bare-linked"
	six_answer "$repo" 2
	movements_are_complete "$repo"
	runwake install --uninstall "$repo"
	setup_of "$repo" | grep -v '^d' >"$T/now"
	grep -v '^d' "$T/then" >"$T/then.files"
	expect_same "what is left" "$T/now" "$T/then.files"
}

separate_git_dir()
{
	git init -q --separate-git-dir "$T/apart.git" "$T/apart"
	commit_file "$T/apart" a a A
	runwake install "$T/apart"
	six_answer "$T/apart"
	is_witnessed "$T/apart"
	runwake install --uninstall "$T/apart"
}

moved()
{
	new_repo "$T/moved-from"
	write_shell_hook "$T/moved-from/.git/hooks/post-commit"
	setup_of "$T/moved-from/.git" >"$T/then"
	runwake install "$T/moved-from"
	mv "$T/moved-from" "$T/moved-to"
	export HOOK_LOG=$T/moved.log
	git -C "$T/moved-to" commit -q --allow-empty -m One
	expect_eq "runs of the old hook" "$(grep -c '^hook' "$HOOK_LOG")" 1
	six_answer "$T/moved-to"
	runwake install --uninstall "$T/moved-to"
	setup_of "$T/moved-to/.git" >"$T/now"
	expect_same "what is left" "$T/now" "$T/then"
}

two_at_once()
{
	local repo=$T/race round
	new_repo "$repo"
	write_shell_hook "$repo/.git/hooks/post-commit"
	setup_of "$repo/.git" >"$T/then"
	for round in 1 2 3 4 5; do
		runwake install "$repo" >/dev/null &
		runwake install "$repo" >/dev/null &
		runwake install "$repo" >/dev/null &
		wait
		six_answer "$repo"
		[ ! -e "$repo/.git/hooks/post-commit.runwake-chained.1" ] || fail "round $round: the old hook was chained twice"
		runwake install --uninstall "$repo" >/dev/null
		setup_of "$repo/.git" >"$T/now"
		expect_same "after round $round" "$T/now" "$T/then"
	done
}

unknown_content_is_kept()
{
	local repo=$T/unknown hooks=$T/unknown/.git/hooks
	wired_repo "$repo"
	mkdir "$T/kept"
	# A shim that somebody has changed, a hook that was put over our link, and one put over a shim.
	echo '# mine now' >>"$hooks/pre-push"
	rm "$hooks/post-commit"
	printf '#!/bin/sh\nexit 0\n' >"$hooks/post-commit"
	chmod 755 "$hooks/post-commit"
	cp -p "$hooks/pre-push" "$hooks/post-commit" "$T/kept"
	expect_exit 1 runwake doctor "$repo"
	expect_match "doctor" "$(cat "$T/out")" 'pre-push is a Runwake shim that was changed'
	expect_match "doctor" "$(cat "$T/out")" 'post-commit is not ours'
	expect_exit 1 runwake install --uninstall "$repo"
	expect_match "what it says" "$(cat "$T/err")" "pre-push' was changed since"
	cmp "$hooks/pre-push" "$T/kept/pre-push"
	cmp "$hooks/post-commit" "$T/kept/post-commit"
	expect_eq "hooks that are left" "$(find "$hooks" -name 'p*' ! -name '*.sample' -printf '%f\n' | LC_ALL=C sort | xargs)" \
	    "post-commit pre-push"
}

overwritten_and_wired_again()
{
	local repo=$T/overwritten hooks=$T/overwritten/.git/hooks
	new_repo "$repo"
	printf '#!/bin/sh\necho first >>"%s"\n' "$T/overwritten.log" >"$hooks/post-commit"
	chmod 755 "$hooks/post-commit"
	runwake install "$repo"
	# Another tool puts its own there, not knowing of ours.
	rm "$hooks/post-commit"
	printf '#!/bin/sh\necho second >>"%s"\n' "$T/overwritten.log" >"$hooks/post-commit"
	chmod 755 "$hooks/post-commit"
	expect_exit 1 runwake doctor "$repo"
	expect_match "doctor" "$(cat "$T/out")" 'something has overwritten it'
	runwake install "$repo"
	six_answer "$repo"
	git -C "$repo" commit -q --allow-empty -m One
	expect_eq "which hook ran" "$(cat "$T/overwritten.log")" second
	expect_match "the first one" "$(cat "$hooks/post-commit.runwake-chained.1")" first
	runwake install --uninstall "$repo"
	expect_match "the hook that is left" "$(cat "$hooks/post-commit")" second
	[ -e "$hooks/post-commit.runwake-chained.1" ] || fail "the first one was deleted"
}

# Killed between any two steps: the next installation mends it, and uninstalling brings back every byte.
killed()
{
	needs strace
	local repo=$T/killed call when status
	new_repo "$repo"
	write_shell_hook "$repo/.git/hooks/post-commit"
	write_shell_hook "$repo/.git/hooks/pre-push"
	setup_of "$repo/.git" >"$T/then"
	export HOOK_LOG=$T/killed.log
	for call in link rename symlink; do
		for when in 1 2 3 4 5 6 7 8 9 10 11 12; do
			status=0
			strace -o /dev/null -e trace=$call -e "inject=$call:signal=KILL:when=$when" \
			    runwake install "$repo" >/dev/null 2>&1 || status=$?
			: >"$HOOK_LOG"
			git -C "$repo" commit -q --allow-empty -m "After $call $when"
			expect_eq "runs of the old hook after $call $when" "$(grep -c '^hook' "$HOOK_LOG")" 1
			if [ $((when % 2)) -eq 0 ]; then
				runwake install "$repo" >/dev/null
				six_answer "$repo"
			fi
			runwake install --uninstall "$repo" >/dev/null
			setup_of "$repo/.git" | grep -v '^runwake\.' >"$T/now"
			expect_same "after $call $when" "$T/now" "$T/then"
			[ "$status" -ne 0 ] || break
		done
	done
}

no_repository()
{
	mkdir -p "$T/plain"
	expect_exit 4 runwake install "$T/plain"
	expect_match "the mend" "$(cat "$T/err")" 'git init'
	expect_exit 4 runwake install "$T/nowhere"
	expect_exit 2 runwake install --global "$T/plain"
	new_repo "$T/fine"
	expect_exit 4 runwake install "$T/plain" "$T/fine"
	six_answer "$T/fine"
	# What was never wired is left as it is.
	new_repo "$T/untouched"
	setup_of "$T/untouched/.git" >"$T/then"
	runwake install --uninstall "$T/untouched"
	setup_of "$T/untouched/.git" >"$T/now"
	expect_same "a repository that was never recorded" "$T/now" "$T/then"
}

t "an absolute core.hooksPath of the repository" local_absolute
t "two repositories in one directory" two_in_one_directory
t "a tracked directory is never written to" tracked
t "nor one that a link leads to" tracked_by_link
t "nor one that another repository tracks" tracked_elsewhere
t "linked worktrees, older and younger" linked_worktrees
t "core.hooksPath of one worktree" worktree_level
t "a relative one that is ignored" relative_ignored
t "one for all of a person's repositories" global_path
t "one that names our programs" our_programs
t "one that names our programs, over a shim" our_programs_over_a_shim
t "hooks switched off" switched_off
t "no hooks directory" no_hooks_directory
t "worktrees removed while they are recorded" removed_while_recorded
t "odd paths" odd_paths
t "an odd prefix, and another one" odd_prefix
t "submodules" submodules
t "a bare repository and its worktree" bare
t "a git directory apart" separate_git_dir
t "a repository that was moved" moved
t "several installations at once" two_at_once
t "unknown content is kept" unknown_content_is_kept
t "overwritten by another tool, and wired again" overwritten_and_wired_again
t "killed in the middle" killed
t "what cannot be installed is named" no_repository
end_tests
