#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# One repository, three linked worktrees, three runs at work at the same time, 300 commits between them, made in every
# way that git and libgit2 know. While it works, each worker writes down what is true (which commit it made, which it
# only moved to); in the end that is compared with what Runwake recorded.
#
# The truth comes from three sources, none of them Runwake: what the worker asked for, git's own reflogs, and a
# post-rewrite hook of the user's that was there before ours.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"

REPO=$T/project
TRUTH=$T/truth
LIBGIT2=$BUILD/tests/e2e/tool_libgit2_commit
COMMITS=100	# of each run
mkdir -p "$TRUTH"

# ---- what a worker does -----------------------------------------------------------------------
# op WORDS COMMAND…: the command adds one line to this worktree's reflog for each word: M, a commit was made; B, HEAD
# was brought to one that was there (or nowhere). Each new hash and its word go into the ledger.
op()
{
	local words before after
	read -ra words <<<"$1"
	shift
	before=$(wc -l <"$LOG")
	"$@" >>"$TRUTH/$W.out" 2>&1 || {
		tail -n 20 "$TRUTH/$W.out" >&2
		fail "$W: failed: $*"
	}
	after=$(wc -l <"$LOG")
	[ $((after - before)) -eq ${#words[@]} ] || {
		tail -n $((after - before)) "$LOG" >&2
		fail "$W: $*: git wrote $((after - before)) lines, ${#words[@]} were expected"
	}
	[ ${#words[@]} -gt 0 ] || return 0
	tail -n "${#words[@]}" "$LOG" | cut -d' ' -f2 | paste -d' ' - <(printf '%s\n' "${words[@]}") >>"$TRUTH/$W.ledger"
	made=$(grep -c ' M$' "$TRUTH/$W.ledger")
}

fails() # the command must fail, as a merge with a conflict does
{
	! "$@"
}

edit() # adds a line to a file of this worker's own, and stages it
{
	edits=$((edits + 1))
	mkdir -p "$W"
	printf 'line %d of %s\n' "$edits" "$W" >>"$W/${1:-file$((edits % 7))}"
	git add -A "$W"
}

commit()
{
	edit "${1:-}"
	op M git commit -q -m "$W: edit $edits"
}

rename_branch_and_back()
{
	git branch -m "$1" "$1-renamed" && git branch -m "$1-renamed" "$1"
}

cycle_rewriting()
{
	commit && commit && commit
	edit && op M git commit -q --amend -m "$W: amended with its hooks, $edits"
	edit && op M git -c core.hooksPath=/dev/null commit -q --amend -m "$W: amended without hooks, $edits"
	commit a && commit b && commit c && commit d && commit e && commit f && commit g
	# a kept, b reworded, c picked, d squashed into it, e dropped, f picked, g a fixup of it
	GIT_SEQUENCE_EDITOR="sed -i -e 2s/pick/reword/ -e 4s/pick/squash/ -e 5s/pick/drop/ -e 7s/pick/fixup/" \
	GIT_EDITOR="sed -i -e '1s/^/reworded: /'" \
	    op 'B B M M M M M B' git rebase -q -i HEAD~7
	op B git checkout -q -b "$W-rebased" HEAD~3
	commit side1 && commit side2
	op 'B M M B' git rebase -q "$W"
	op B git checkout -q "$W"
	op B git merge -q --ff-only "$W-rebased"
	git branch -q -D "$W-rebased"
}

cycle_picking()
{
	op B git checkout -q -b "$W-picked" HEAD~2
	commit p1 && commit p2 && commit p3
	op B git checkout -q "$W"
	op M git cherry-pick "$W-picked"
	op 'M M' git cherry-pick "$W-picked~2" "$W-picked~1"
	op M git revert --no-edit HEAD
	op 'M M' git revert --no-edit HEAD~2 HEAD~3
	git format-patch -q -2 -o "$TRUTH/$W.patches" "$W-picked~1"
	op B git checkout -q --detach "$W~12"
	op 'M M' git am -q "$TRUTH/$W.patches"/*.patch
	rm -r "$TRUTH/$W.patches"
	op B git checkout -q "$W"
	git branch -q -D "$W-picked"
}

cycle_merging()
{
	op B git checkout -q -b "$W-merged" HEAD~1
	commit m1 && commit m2
	op B git checkout -q "$W"
	op M git merge -q --no-ff --no-edit "$W-merged"
	op B git checkout -q "$W-merged"
	commit m3
	op M git merge -q --no-edit "$W"
	op B git checkout -q "$W"
	op B git merge -q "$W-merged"
	git branch -q -D "$W-merged"
	# what a person commits meanwhile in the main worktree, and what came from elsewhere
	op M git merge -q --no-edit "person-$1"
	op M git pull -q --no-rebase --no-edit "$T/elsewhere" "topic-$1"
}

cycle_conflicts()
{
	op B git checkout -q -b "$W-conflict"
	commit conflict
	op B git checkout -q "$W"
	commit conflict
	op '' fails git merge "$W-conflict"
	git checkout -q --ours -- "$W/conflict" && git add "$W/conflict"
	op M git commit -q --no-edit
	commit conflict
	op B git checkout -q "$W-conflict"
	commit conflict
	op B fails git rebase "$W"
	git checkout -q --theirs -- "$W/conflict" && git add "$W/conflict"
	op 'M B' git -c core.editor=true rebase --continue
	op B git checkout -q "$W"
	op B git reset -q --hard "$W-conflict"
	git branch -q -D "$W-conflict"
}

cycle_moving()
{
	commit
	op B git reset -q --hard HEAD~1
	op B git reset -q --hard ORIG_HEAD
	op B git reset -q --soft HEAD~1
	commit
	printf 'not yet committed\n' >>"$W/file1"
	(
		flock 9
		op B git stash -q
		op '' git stash pop -q
	) 9>"$TRUTH/stash.lock"
	git add -A "$W"
	op M git commit -q --no-verify -m "$W: what was stashed"
	op B git checkout -q --detach
	commit && commit
	op B git checkout -q "$W"
	op B git merge -q --ff-only 'HEAD@{1}'
	op "$RENAME_WORDS" rename_branch_and_back "$W"
}

cycle_without_hooks()
{
	edits=$((edits + 1))
	op M "$LIBGIT2" . "$W/libgit2" "one $edits" "$W: through libgit2"
	op M "$LIBGIT2" --amend . "$W/libgit2" "two $edits" "$W: through libgit2, amended"
	op M "$LIBGIT2" . "$W/libgit2" "three $edits" "$W: through libgit2 again"
	edit && op M git -c core.hooksPath=/dev/null commit -q -m "$W: without hooks"
}

work() # WORKER
{
	W=$1 edits=0 made=0
	cd "$T/$W"
	LOG=$(git rev-parse --git-path logs/HEAD)
	# How many lines a renamed branch leaves in a linked worktree is git's own affair: it was tried before.
	RENAME_WORDS=$(cat "$TRUTH/rename-words")
	[ "$W" != cy ] || export RUNWAKE_RUN_ID=run-cy
	commit && commit && commit
	cycle_rewriting
	cycle_picking
	cycle_merging 1
	cycle_conflicts
	cycle_moving
	cycle_without_hooks
	cycle_merging 2
	while [ "$made" -lt "$COMMITS" ]; do
		commit
	done
}

# ---- the stage --------------------------------------------------------------------------------
lay_the_ground()
{
	local n
	new_repo "$REPO"
	# Packing refs in the background, git now and then finds none of that name.
	git -C "$REPO" config gc.autoDetach false
	# The user's own hook: git's word on what replaced what. Ours must run it.
	cat >"$REPO/.git/hooks/post-rewrite" <<-HOOK
		#!/bin/sh
		exec sed 's/^/\$1 /' >>"$TRUTH/rewritten"
	HOOK
	chmod +x "$REPO/.git/hooks/post-rewrite"
	: >"$TRUTH/rewritten"
	for n in 1 2; do
		git -C "$REPO" checkout -q -b "person-$n"
		commit_file "$REPO" "person-$n" "one" "A person, before the installation $n"
	done
	git -C "$REPO" checkout -q main
	# Another repository, another author, not ours to watch.
	git clone -q "$REPO" "$T/elsewhere"
	git -C "$T/elsewhere" config user.email elsewhere@example.org
	for n in 1 2; do
		git -C "$T/elsewhere" checkout -q -b "topic-$n" origin/main
		commit_file "$T/elsewhere" "topic-$n" "one" "From elsewhere, $n"
		commit_file "$T/elsewhere" "topic-$n" "two" "From elsewhere, $n again"
	done
	wc -l <"$REPO/.git/logs/HEAD" >"$TRUTH/main.baseline"
	runwake install "$REPO"
	git -C "$REPO" worktree add -q -b probe "$T/probe"
	n=$(wc -l <"$REPO/.git/worktrees/probe/logs/HEAD")
	(cd "$T/probe" && rename_branch_and_back probe)
	n=$(($(wc -l <"$REPO/.git/worktrees/probe/logs/HEAD") - n))
	printf 'B %.0s' $(seq "$n") >"$TRUTH/rename-words"
	cp "$REPO/.git/worktrees/probe/logs/HEAD" "$TRUTH/probe.log"
	for n in ax by cy; do
		git -C "$REPO" worktree add -q -b "$n" "$T/$n"
		: >"$TRUTH/$n.ledger"
		expect_eq "run id" "$(cd "$T/$n" && runwake start --workflow implement --task "Work in $n" --run-id "run-$n")" "run-$n"
	done
}

person_works()
{
	local n
	cd "$REPO"
	for n in 1 2; do
		git checkout -q "person-$n"
		commit_file . "person-$n" "two $n" "A person, meanwhile $n"
	done
	git checkout -q main
}

three_at_once()
{
	local pid status=0
	local -a pids=()
	person_works
	for worker in ax by cy; do
		work "$worker" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || status=1
	done
	return "$status"
}

# Runs bring in each other's work, at once after it was made, in the same second if the machine is fast.
bring_in()
{
	W=ax edits=1000 made=0
	cd "$T/by"
	(cd "$T/ax" && LOG=$(git rev-parse --git-path logs/HEAD) && commit)
	git merge -q --no-commit ax >/dev/null
	W=by LOG=$(git rev-parse --git-path logs/HEAD)
	op M git commit -q --no-edit
	W=cy LOG=$REPO/.git/worktrees/cy/logs/HEAD
	cd "$T/cy"
	op B git reset -q --hard by
	cd "$REPO"
	git merge -q --ff-only by
}

finish_all()
{
	for worker in ax by cy; do
		(cd "$T/$worker" && runwake finish --status completed --result "done in $worker")
		runwake show "run-$worker" --json >"$TRUTH/$worker.json"
	done
	wait_until 60 is_settled
}

# ---- the comparison ---------------------------------------------------------------------------
logs_of_git() # "WORKTREE NEW-HASH", sorted, of every reflog line since the installation
{
	{
		tail -n "+$(($(cat "$TRUTH/main.baseline") + 1))" "$REPO/.git/logs/HEAD" | cut -d' ' -f2 | sed 's/^/main /'
		for worker in ax by cy probe; do
			cut -d' ' -f2 "$REPO/.git/worktrees/$worker/logs/HEAD" | sed "s/^/$worker /"
		done
	} | sort
}

every_movement_once()
{
	logs_of_git >"$T/expected"
	in_store "select case when git_dir = common_dir then 'main'
		else replace(git_dir, common_dir || '/worktrees/', '') end || ' ' || new_hash
		from workflow_movements where not implied" | sort >"$T/actual"
	expect_same "movements" "$T/actual" "$T/expected"
	expect_eq "implied movements" "$(in_store "select count(*) from workflow_movements where implied")" 0
}

commits_of() # WORKER: the commits that it made, by its ledger
{
	awk '$2 == "M" { print $1 }' "$TRUTH/$1.ledger" | sort
}

three_hundred()
{
	for worker in ax by cy; do
		[ "$(commits_of "$worker" | uniq | wc -l)" -ge "$COMMITS" ] || fail "$worker made $(commits_of "$worker" | wc -l)"
	done
}

right_run()
{
	jq -r '.commits[].commit_hash' "$TRUTH/$1.json" | sort >"$T/actual"
	commits_of "$1" >"$T/expected"
	expect_same "commits of run-$1" "$T/actual" "$T/expected"
}

brought_on_none()
{
	sort -u "$TRUTH"/*.ledger | awk '$2 == "M" { print $1 }' | sort -u >"$T/made"
	jq -r '.commits[].commit_hash' "$TRUTH"/*.json | sort -u >"$T/linked"
	expect_eq "linked commits that nobody made" "$(comm -13 "$T/made" "$T/linked" | wc -l)" 0
	expect_eq "a person's movements with a run" "$(in_store "select count(*) from workflow_movements
		where git_dir = common_dir and workflow_run_id is not null and verdict = 'made'")" 0
	expect_eq "a person's commits" "$(in_store "select count(*) from workflow_movements
		where git_dir = common_dir and verdict = 'made'")" 2
	expect_eq "commits from elsewhere that count as made" "$(in_store "select count(*) from workflow_movements
		join workflow_commits on workflow_commits.hash = new_hash
		where author_email = 'elsewhere@example.org' and verdict = 'made'")" 0
}

# git's last word on each commit, and what the two amends that told no hook replaced.
truth_of_lineage()
{
	awk '{ last[$2] = $3 } END { for (old in last) print old, last[old] }' "$TRUTH/rewritten"
	for worker in ax by cy; do
		awk -F'\t' '/amended without hooks/ { split($1, f, " "); print f[1], f[2] }' \
		    "$REPO/.git/worktrees/$worker/logs/HEAD" | head -n 1
		libgit2_amends "$worker"
	done
}

libgit2_amends() # WORKER
{
	awk -F'\t' '/through libgit2, amended/ { split($1, f, " "); print f[1], f[2] }' "$REPO/.git/worktrees/$1/logs/HEAD"
}

# States between two steps of a squash: git has no word for what replaced them.
between_steps() # WORKER
{
	awk -F'\t' '{ split($1, f, " ") } $2 ~ /\((squash|fixup)\)/ { print f[1] }' "$REPO/.git/worktrees/$1/logs/HEAD"
}

lineage()
{
	for worker in ax by cy; do
		between_steps "$worker"
	done | sort -u >"$T/between"
	truth_of_lineage | sort -u | grep -vFf "$T/between" >"$T/rewritten"
	jq -r '.commits[] | "\(.commit_hash) \(.superseded_by)"' "$TRUTH"/*.json | sort -u | grep -vFf "$T/between" >"$T/actual"
	jq -r '.commits[].commit_hash' "$TRUTH"/*.json | sort -u | grep -vFf "$T/between" |
	    awk 'FNR == NR { next_of[$1] = $2; next } { print $1, ($1 in next_of ? next_of[$1] : "null") }' \
		"$T/rewritten" - | sort >"$T/expected"
	[ "$(grep -vc ' null$' "$T/expected")" -ge 20 ] || fail "too little was rewritten to show anything"
	expect_same "superseded_by" "$T/actual" "$T/expected"
}

numstat_of() # PROJECT FROM TO: "ADDED REMOVED FILES" as git counts
{
	git -C "$1" diff --numstat "$2" "$3" | awk '{ a += $1; r += $2; n++ } END { print a + 0, r + 0, n + 0 }'
}

diffs_are_gits()
{
	local hash figures parent
	for worker in ax by cy; do
		jq -r '.commits[] | "\(.commit_hash) \(.added_lines) \(.removed_lines) \(.files_changed)"' "$TRUTH/$worker.json"
	done | sort -u >"$T/figures"
	while read -r hash figures; do
		parent=$(git -C "$REPO" rev-parse "$hash^1")
		expect_eq "diff of $hash" "$figures" "$(numstat_of "$REPO" "$parent" "$hash")"
	done <"$T/figures"
	for worker in ax by cy; do
		expect_json "diff of the run" "$(cat "$TRUTH/$worker.json")" \
		    '.run | "\(.git_diff_added_lines) \(.git_diff_removed_lines) \(.git_diff_files_changed)"' \
		    "$(numstat_of "$REPO" "$(jq -r .run.initial_commit_hash "$TRUTH/$worker.json")" \
			"$(jq -r .run.final_commit_hash "$TRUTH/$worker.json")")"
	done
}

verify_has_no_gap()
{
	local json
	json=$(runwake verify --json "$REPO")
	expect_json "verify" "$json" '.gaps | length' 0
	expect_json "verify" "$json" '.movements' "$(logs_of_git | wc -l)"
	expect_json "verify" "$json" '.recorded' "$(logs_of_git | wc -l)"
}

recorded_again_changes_nothing()
{
	in_store "select * from workflow_movements order by id" >"$T/before"
	rm -rf "$STATE/spool/cursors"
	runwake verify --repair --json "$REPO" >/dev/null
	for worktree in "$REPO" "$T/ax" "$T/by" "$T/cy"; do
		git -C "$worktree" hook run post-commit
	done
	runwake record
	in_store "select * from workflow_movements order by id" >"$T/after"
	expect_same "the table of movements" "$T/after" "$T/before"
}

command_of_show() # the newcomer's question: which run made this commit?
{
	local hash
	hash=$(jq -r '[.commits[] | select(.superseded_by == null)][0].commit_hash' "$TRUTH/by.json")
	expect_json "show COMMIT" "$(runwake show "${hash:0:10}" --json)" '[.runs[].run_id] | unique | join(" ")' run-by
	hash=$(jq -r '[.commits[] | select(.superseded_by != null)][0].commit_hash' "$TRUTH/by.json")
	expect_json "show of a commit rewritten since" "$(runwake show "$hash" --json)" '[.runs[].run_id] | unique | join(" ")' run-by
}

t "one repository, three linked worktrees, three runs" lay_the_ground
t "three runs commit at the same time in every way that git knows" three_at_once
t "runs bring in each other's work" bring_in
t "three runs end" finish_all
t "there are 300 commits" three_hundred
t "every movement is recorded exactly once" every_movement_once
for worker in ax by cy; do
	t "every commit of $worker is on its run, and no other" right_run "$worker"
done
t "what was brought in is on no run" brought_on_none
t "what an amend or a rebase replaced is superseded by it" lineage
t "the figures are those of git diff --numstat" diffs_are_gits
t "verify finds no gap" verify_has_no_gap
t "reading everything again changes nothing" recorded_again_changes_nothing
t "a commit tells its run, also when it was rewritten since" command_of_show
end_tests
