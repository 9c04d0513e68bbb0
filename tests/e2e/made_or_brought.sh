#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Made here, or brought in? Every way that git moves HEAD, with the verdict for each line that it writes: with the
# real clock, and with one that runs 3,000 times as fast, where no two readings of it are alike.
# Runs alone: with a clock that runs 3,000 times as fast, 20 ms of waiting for a processor are a minute.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"

CLOCK=()

git()
{
	"${CLOCK[@]:-command}" git "$@"
}

# From here on the lines count.
mark()
{
	stat -c %s "$(command git rev-parse --git-path logs/HEAD)" >"$T/mark"
}

# What the lines since the mark were: kind and M for made, - for brought in.
expect_verdicts() # EXPECTED…, one word a line of the log: KIND/M or KIND/-
{
	local actual
	runwake verify --repair . >/dev/null # some of these movements start no hook
	actual=$(in_store "select m.kind || '/' || case m.verdict when 'made' then 'M' else '-' end
		from workflow_movements m join workflow_worktrees w on w.id = m.worktree_id
		where w.root = '$PWD' and m.implied = 0 and m.position >= $(cat "$T/mark") order by m.position" | xargs)
	[ "$actual" = "$*" ] || in_store "select position, kind, verdict, reason, substr(new_hash, 1, 8), moved_at, observed_at
		from workflow_movements m join workflow_worktrees w on w.id = m.worktree_id
		where w.root = '$PWD' order by position"
	expect_eq "verdicts" "$actual" "$*"
}

change() # FILE [TEXT]; appends, stages
{
	printf '%s\n' "${2:-more}" >>"$1"
	git add -- "$1"
}

make_commit() # FILE TEXT
{
	change "$1" "$2"
	git commit -q -m "$2"
}

# A branch "side" with one commit on its own file, and HEAD back on main.
make_side()
{
	git checkout -q -B side
	make_commit "side$1" "Side $1"
	git checkout -q main
}

fresh() # NAME; a wired repository with two commits, as the current directory
{
	local dir=$T/$CLOCKED-$1
	command git init -q "$dir"
	cd "$dir"
	runwake install . >/dev/null
	make_commit a "First"
	make_commit a "Second"
	mark
}

plain_commits()
{
	fresh commits
	make_commit a "Third"
	git commit -q --amend -m "Third, amended"
	change b && git commit -q --no-verify -m "Fourth"
	git commit -q --allow-empty -m "Empty"
	expect_verdicts commit/M commit-amend/M commit/M commit/M
}

an_initial_commit()
{
	fresh initial
	git checkout -q --orphan other
	git commit -q -m "Another root"
	expect_verdicts commit-initial/M
}

merges()
{
	fresh merges
	make_side 1 && make_commit a "Main goes on" && mark
	git merge -q --no-edit side
	git commit -q --amend -m "Merge, amended"
	expect_verdicts merge/M commit-amend/M
	make_side 2 && mark
	git merge -q side
	expect_verdicts merge-ff/-
	make_side 3 && make_commit a "Main again" && mark
	git merge -q --squash side >/dev/null
	git commit -q -m "Squashed"
	expect_verdicts commit/M
	make_side 4 && make_commit a "Main once more" && mark
	git merge -q --no-commit --no-ff side
	git commit -q --no-edit
	expect_verdicts commit-merge/M
}

an_octopus()
{
	fresh octopus
	for n in 1 2 3; do
		git checkout -q -b "arm$n" main
		make_commit "arm$n" "Arm $n"
	done
	git checkout -q main && make_commit a "Main" && mark
	git merge -q --no-edit arm1 arm2 arm3
	expect_verdicts merge/M
}

a_conflicted_merge_and_pick()
{
	fresh conflict
	git checkout -q -b side
	make_commit a "Theirs"
	git checkout -q main
	make_commit a "Ours" && mark
	git merge -q side >/dev/null || true
	echo solved >a && git add a && git commit -q --no-edit
	expect_verdicts commit-merge/M
	git reset -q --hard HEAD~1 && mark
	git cherry-pick side >/dev/null 2>&1 || true
	echo solved again >a && git add a && git commit -q --no-edit
	expect_verdicts commit-cherry-pick/M
}

picks_and_reverts()
{
	fresh picks
	make_side 1 && make_commit a "Main" && mark
	git cherry-pick side >/dev/null
	git revert --no-edit HEAD >/dev/null
	git revert -n HEAD && git commit -q -m "Back again"
	expect_verdicts cherry-pick/M revert/M commit/M
	make_side 2 && mark
	git cherry-pick --ff side >/dev/null
	expect_verdicts cherry-pick-ff/-
}

a_rebase()
{
	fresh rebase
	git checkout -q -b topic
	make_commit t "One" && make_commit t "Two"
	git checkout -q main && make_commit a "Main" && git checkout -q topic && mark
	git rebase -q main
	expect_verdicts rebase-start/- rebase-pick/M rebase-pick/M rebase-finish/-
	git checkout -q main && make_commit a "Main again" && git checkout -q topic && mark
	git rebase -q --apply main >/dev/null
	expect_verdicts rebase-start/- rebase-pick/M rebase-pick/M rebase-finish/-
}

an_interactive_rebase()
{
	fresh interactive
	for n in 1 2 3 4 5; do
		make_commit "f$n" "Step $n"
	done
	mark
	GIT_SEQUENCE_EDITOR="sed -i -e '2s/^pick/squash/' -e '3s/^pick/fixup/' -e '4s/^pick/reword/' -e '5s/^pick/drop/'" \
		GIT_EDITOR="sed -i '1s/^/New: /'" git rebase -q -i HEAD~5 >/dev/null
	expect_verdicts rebase-start/- rebase-squash/M rebase-fixup/M rebase-reword/M rebase-reword/M rebase-finish/-
}

a_rebase_with_a_conflict()
{
	fresh stopped
	git checkout -q -b topic
	make_commit a "Theirs"
	git checkout -q main && make_commit a "Ours" && git checkout -q topic && mark
	git rebase -q main >/dev/null 2>&1 || true
	echo solved >a && git add a && GIT_EDITOR=true git rebase --continue >/dev/null
	expect_verdicts rebase-start/- rebase-continue/M rebase-finish/-
	git checkout -q main && make_commit a "Ours again" && git checkout -q topic && mark
	git rebase -q main >/dev/null 2>&1 || true
	git rebase --abort
	expect_verdicts rebase-start/- rebase-abort/-
}

a_rebase_of_merges()
{
	fresh rebased_merges
	git checkout -q -b topic
	make_commit t "One"
	git checkout -q -b arm && make_commit u "Arm" && git checkout -q topic && make_commit t "Two"
	git merge -q --no-edit arm
	git checkout -q main && make_commit a "Main" && git checkout -q topic && mark
	git rebase -q --rebase-merges main
	runwake verify --repair . >/dev/null
	in_store "select verdict, count(*) from workflow_movements m join workflow_worktrees w on w.id = m.worktree_id
		where w.root = '$PWD' and position >= $(cat "$T/mark") and kind like 'rebase-%' group by 1" >"$T/sums"
	expect_eq "made" "$(grep '^made' "$T/sums")" "made|4"
}

pulls_and_pushes()
{
	fresh pulled
	command git clone -q . "$T/$CLOCKED-clone" && cd "$T/$CLOCKED-clone" && runwake install . >/dev/null
	(cd "$T/$CLOCKED-pulled" && make_commit a "Upstream 1") && mark
	git pull -q --ff-only
	expect_verdicts pull-ff/-
	(cd "$T/$CLOCKED-pulled" && make_commit a "Upstream 2")
	make_commit c "Ours" && mark
	git pull -q --no-rebase --no-edit
	expect_verdicts pull-merge/M
	(cd "$T/$CLOCKED-pulled" && make_commit a "Upstream 3")
	git reset -q --hard HEAD~1 && make_commit c "Ours again" && mark
	git pull -q --rebase
	in_store "select kind, verdict from workflow_movements m join workflow_worktrees w on w.id = m.worktree_id
		where w.root = '$PWD' and position >= $(cat "$T/mark") and verdict = 'made'" >"$T/made"
	expect_eq "made by pull --rebase" "$(sort -u "$T/made" | xargs)" "rebase-pick|made"
	(cd "$T/$CLOCKED-pulled" && command git config receive.denyCurrentBranch updateInstead)
	git push -q origin HEAD:main
	cd "$T/$CLOCKED-pulled"
	runwake verify --repair . >/dev/null
	in_store "select verdict from workflow_movements m join workflow_worktrees w on w.id = m.worktree_id
		where w.root = '$PWD' and kind = 'push'" >"$T/pushed"
	expect_eq "pushed into" "$(cat "$T/pushed")" "brought"
}

patches()
{
	fresh patches
	make_side 1
	git format-patch -q -o "$T/$CLOCKED-mail" main..side
	make_commit a "Main" && mark
	git am -q "$T/$CLOCKED-mail"/*.patch
	expect_verdicts am/M
}

moves_that_make_nothing()
{
	fresh moves
	make_side 1 && mark
	git reset -q --hard HEAD~1
	git reset -q --hard 'main@{1}'
	git checkout -q side
	git checkout -q --detach
	git checkout -q main
	echo dirty >>a && git stash -q && git stash pop -q
	git branch -m main trunk
	git update-ref HEAD HEAD~1
	expect_verdicts reset/- reset/- checkout/- checkout/- checkout/- reset/- branch-rename/- branch-rename/- none/-
}

plumbed() # SECONDS-AGO SUBJECT; prints the commit
{
	GIT_COMMITTER_DATE="$(($(date +%s) - $1)) +0000" git commit-tree -p HEAD -m "$2" "$(git write-tree)"
}

# One program makes the commit and another moves to it, a minute later at most: with a clock that runs 3,000 times as fast
# that would be 20 ms of waiting for a processor. So the difference between their times is set there, and the clock is real.
plumbing()
{
	local commit ago=0
	[ "$CLOCKED" = real ] || { CLOCK=() ago=20; }
	fresh plumbing
	change a && commit=$(plumbed "$ago" "By plumbing")
	git update-ref HEAD "$commit"
	change a && commit=$(plumbed "$ago" "And a reset")
	git reset -q --hard "$commit"
	expect_verdicts none/M reset/M
}

words_of_the_users_own()
{
	fresh action
	change a && GIT_REFLOG_ACTION=Z git commit -q -m "Under another name"
	expect_verdicts other/M
	make_side 1 && mark
	GIT_REFLOG_ACTION=Z git merge -q --ff-only side
	expect_verdicts merge-ff/-
}

a_filter()
{
	fresh filter
	FILTER_BRANCH_SQUELCH_WARNING=1 git filter-branch -f --msg-filter 'sed s/Second/Zweitens/' HEAD~1..HEAD >/dev/null
	expect_verdicts filter-branch/M
}

commits_before_the_installation()
{
	command git init -q "$T/$CLOCKED-late" && cd "$T/$CLOCKED-late"
	make_commit a "Before" && git checkout -q -b side && make_commit b "Before, too" && git checkout -q main
	runwake install . >/dev/null && mark
	git checkout -q side
	git checkout -q main
	git merge -q side
	expect_verdicts checkout/- checkout/- merge-ff/-
}

another_worktree_brings_it_in()
{
	fresh twice
	git worktree add -q -b other "$T/$CLOCKED-other"
	make_commit a "Made in the first"
	cd "$T/$CLOCKED-other" && mark
	git merge -q main
	git reset -q --hard HEAD~1
	git checkout -q --detach main
	expect_verdicts merge-ff/- reset/- checkout/-
}

all_shapes()
{
	t "$1: plain commits" plain_commits
	t "$1: an initial commit" an_initial_commit
	t "$1: merges" merges
	t "$1: an octopus" an_octopus
	t "$1: a conflicted merge and pick" a_conflicted_merge_and_pick
	t "$1: picks and reverts" picks_and_reverts
	t "$1: rebase" a_rebase
	t "$1: interactive rebase" an_interactive_rebase
	t "$1: rebase with a conflict" a_rebase_with_a_conflict
	t "$1: rebase of merges" a_rebase_of_merges
	t "$1: pulls and pushes" pulls_and_pushes
	t "$1: am" patches
	t "$1: moves that make nothing" moves_that_make_nothing
	t "$1: plumbing" plumbing
	t "$1: GIT_REFLOG_ACTION" words_of_the_users_own
	t "$1: filter-branch" a_filter
	t "$1: commits before the installation" commits_before_the_installation
	t "$1: another worktree brings it in" another_worktree_brings_it_in
}

CLOCKED=real
all_shapes "real clock"
if command -v faketime >/dev/null; then
	CLOCKED=fast CLOCK=(faketime -f "+0 x3000")
	all_shapes "clock x3000"
else
	t "clock x3000" skip "faketime is not installed"
fi
end_tests
