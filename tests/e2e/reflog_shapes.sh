#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every shape that real git gives HEAD's reflog, and everything that may befall the file: each movement is told once,
# by its kind, and what is told step by step is what is read all at once.
#
# Each test has a repository ($R) and a state directory of its own. `g` is git in $R followed by a look, as the
# recorder's; `expect_kinds` compares what was told since the registration.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
: "${RUNWAKE_TEST_PREFIX:=/nonexistent}" # no installed Runwake is needed, only the tool
export RUNWAKE_TEST_PREFIX
. "$(dirname "$0")/harness.sh"

TOOL=$BUILD/tests/e2e/tool_observe

# ---- the ground ---------------------------------------------------------------------------------
own_state()
{
	XDG_STATE_HOME=$(mktemp -d "$T/state.XXXXXX")
	D=$XDG_STATE_HOME/ground
	R=$D/r
	mkdir "$D"
}

# On branch main with three commits, registered; what came before is not told.
new_ground()
{
	local n
	own_state
	git init -q "$R"
	for n in 1 2 3; do
		commit_file "$R" "file$n" "text $n" "c$n"
	done
	"$TOOL" register "$R"
}

look() # [DIR]
{
	"$TOOL" observe "${1:-$R}" >/dev/null
}

g()
{
	git -C "$R" "$@" >/dev/null
	look
}

# A commit of a new file, and a look.
c() # NAME [OPTION…]
{
	local name=$1
	shift
	printf '%s\n' "$name" >"$R/$name"
	git -C "$R" add -- "$name"
	g commit -m "$name" "$@"
}

told() # movements in the spool, each id once, in order: "ID KIND OLD NEW"
{
	"$TOOL" spooled . | awk '$1 == "moved" && !seen[$2]++ { print $2, $3, $4, $5 }'
}

count_told()
{
	told | wc -l
}

# What was told of a worktree is what its log holds since the baseline, and another look finds nothing.
expect_complete() # [DIR…]
{
	local dir
	[ $# -gt 0 ] || set -- "$R"
	for dir; do
		look "$dir"
		expect_eq "a second look at $dir" "$("$TOOL" observe "$dir")" 0
		"$TOOL" all "$dir" | awk '{ print $2 }'
	done | sort >"$D/all"
	told | awk '$2 != "implied" { print $1 }' | sort >"$D/told"
	expect_same "what was told" "$D/told" "$D/all"
}

expect_kinds() # KIND…
{
	expect_eq kinds "$("$TOOL" all "$R" | awk '{ printf "%s%s", sep, $3; sep = " " }')" "$*"
	expect_complete
}

expect_told() # WHAT COUNT
{
	expect_eq "movements told: $1" "$(count_told)" "$2"
}

# An editor for rebase -i: replaces the first word of line N of the list by WORD, "N WORD" a pair of arguments.
todo()
{
	local script="sed -i"
	while [ $# -gt 0 ]; do
		script+=" -e '$1s/^[a-z]*/$2/'"
		shift 2
	done
	printf '%s' "$script"
}

# ---- shapes -------------------------------------------------------------------------------------
commits()
{
	new_ground
	c one
	c one --amend --allow-empty
	git -C "$R" checkout -q -b side HEAD~2
	look
	c two
	g checkout main
	g merge --squash side
	g commit -m squashed
	g cherry-pick -n side --allow-empty
	g commit --allow-empty -m picked
	g revert -n HEAD
	g commit --allow-empty -m reverted
	g checkout --orphan fresh
	g commit --allow-empty -m root
	expect_kinds commit commit-amend checkout commit checkout commit commit commit commit-initial
}

conflict_between() # BRANCH: it and main change one line
{
	g checkout -b "$1" HEAD
	printf '%s\n' theirs >"$R/file1"
	g commit -a -m theirs
	g checkout main
	printf '%s\n' ours >"$R/file1"
	g commit -a -m ours
}

merges()
{
	new_ground
	g checkout -b side HEAD~1
	c two
	g checkout main
	g merge --no-edit side
	g checkout -b ahead
	c three
	g checkout main
	g merge ahead
	g checkout -b other HEAD~1
	c four
	g checkout main
	g merge --no-commit --no-ff other
	g commit --no-edit
	g commit --amend -m again
	for n in 5 6; do
		g checkout -b "o$n" HEAD~1
		c "o$n"
		g checkout main
	done
	g merge --no-edit o5 o6
	expect_kinds checkout commit checkout merge checkout commit checkout merge-ff checkout commit checkout \
	    commit-merge commit-amend checkout commit checkout checkout commit checkout merge
}

conflicts()
{
	new_ground
	conflict_between side
	! git -C "$R" merge side >/dev/null
	look
	g merge --abort
	! git -C "$R" merge side >/dev/null
	printf '%s\n' both >"$R/file1"
	g commit -a --no-edit
	g reset --hard HEAD~1
	! git -C "$R" cherry-pick side >/dev/null 2>&1
	printf '%s\n' both >"$R/file1"
	g commit -a --no-edit
	expect_kinds checkout commit checkout commit reset commit-merge reset commit-cherry-pick
}

pulls()
{
	local up
	new_ground
	up=$D/up
	git clone -q "$R" "$up"
	commit_file "$up" a a "up a"
	g pull -q "$up" main
	commit_file "$up" b b "up b"
	c ours
	g pull -q --no-rebase --no-edit "$up" main
	commit_file "$up" d d "up d"
	c ours2
	g pull -q --rebase "$up" main
	commit_file "$up" e e "up e"
	git -C "$up" pull -q --no-edit --no-rebase "$R" main
	g pull -q --rebase "$up" main
	commit_file "$up" f f "up f"
	g fetch -q -u "$up" main:main
	expect_kinds pull-ff commit pull-merge commit rebase-start rebase-pick rebase-pick rebase-finish pull-ff fetch
}

pull_into_nothing()
{
	new_ground
	git init -q "$D/empty"
	"$TOOL" register "$D/empty"
	git -C "$D/empty" pull -q "$R" main
	R=$D/empty
	expect_kinds pull-initial
}

# The whole log of a clone counts where the template registers it.
clone()
{
	new_ground
	mkdir -p "$D/template/runwake"
	git clone -q --template="$D/template" "$R" "$D/clone"
	R=$D/clone
	expect_kinds clone
}

two_branches() # main and side, three commits and two, nothing in common but the root
{
	g checkout -b side HEAD~2
	c s1
	c s2
	c s3
}

rebases()
{
	new_ground
	two_branches
	g rebase main
	g tag before
	GIT_SEQUENCE_EDITOR=$(todo 2 squash 3 fixup) g rebase -i main
	g reset --hard before
	GIT_SEQUENCE_EDITOR=$(todo 1 reword 2 drop) GIT_EDITOR='echo more >>' g rebase -i main
	expect_kinds checkout commit commit commit rebase-start rebase-pick rebase-pick rebase-pick rebase-finish \
	    rebase-start rebase-squash rebase-fixup rebase-finish reset \
	    rebase-start rebase-ff rebase-reword rebase-pick rebase-finish
}

rebase_that_stops()
{
	new_ground
	two_branches
	GIT_SEQUENCE_EDITOR=$(todo 1 edit) g rebase -i main
	g commit --amend -m edited
	g rebase --continue
	g rebase --root
	conflict_between other
	g checkout other
	! git -C "$R" rebase main >/dev/null 2>&1
	look
	g rebase --abort
	! git -C "$R" rebase main >/dev/null 2>&1
	printf '%s\n' both >"$R/file1"
	git -C "$R" add file1
	g rebase --continue
	g rebase --exec 'git commit -q --amend --allow-empty -m executed' HEAD~1
	"$TOOL" all "$R" | awk '{ print $3 }' | sort -u >"$D/kinds"
	for kind in rebase-start commit-amend rebase-pick rebase-finish rebase-abort rebase-continue; do
		grep -qx "$kind" "$D/kinds" || fail "no $kind"
	done
	! grep -x other "$D/kinds" || fail "a kind without a name"
	expect_complete
}

rebase_of_merges()
{
	new_ground
	two_branches
	g checkout -b deep HEAD~1
	c d1
	g checkout side
	g merge --no-edit deep
	g rebase --rebase-merges main
	c apply
	g checkout main
	c m4
	g checkout side
	g rebase --apply --rebase-merges=no-rebase-cousins main || g rebase main
	"$TOOL" all "$R" | awk '{ print $3 }' | sort -u >"$D/kinds"
	for kind in rebase-start rebase-pick rebase-reset rebase-finish merge; do
		grep -qx "$kind" "$D/kinds" || fail "no $kind"
	done
	expect_complete
}

rebase_by_apply()
{
	new_ground
	two_branches
	g rebase --apply main
	expect_kinds checkout commit commit commit rebase-start rebase-pick rebase-pick rebase-pick rebase-finish
}

mails()
{
	new_ground
	g checkout -b side
	c s1
	c s2
	git -C "$R" format-patch -q -o "$D/mail" main
	g checkout main
	g am -q "$D/mail/0001-s1.patch"
	g am -q --3way "$D/mail/0002-s2.patch"
	! git -C "$R" am -q "$D/mail/0001-s1.patch" 2>/dev/null
	look
	g am --abort
	expect_kinds checkout commit commit checkout am am am-abort
}

picks()
{
	new_ground
	two_branches
	g checkout main
	g cherry-pick side~2
	g checkout -b behind HEAD
	g checkout -B ahead
	c a1
	g checkout behind
	g cherry-pick --ff ahead
	g revert --no-edit HEAD
	g cherry-pick side~1 side
	expect_kinds checkout commit commit commit checkout cherry-pick checkout checkout commit checkout \
	    cherry-pick-ff revert cherry-pick cherry-pick
}

plumbing()
{
	local commit
	new_ground
	commit=$(git -C "$R" commit-tree -p HEAD -m made 'HEAD^{tree}')
	g reset -q --hard "$commit"
	commit=$(git -C "$R" commit-tree -p HEAD -m made-too 'HEAD^{tree}')
	g update-ref HEAD "$commit"
	g update-ref -m 'a word of mine' HEAD HEAD~1
	g branch other
	g symbolic-ref HEAD refs/heads/other
	g symbolic-ref -m moved HEAD refs/heads/main
	FILTER_BRANCH_SQUELCH_WARNING=1 g filter-branch -f --msg-filter 'sed s/c/C/' HEAD
	"$TOOL" all "$R" | awk '{ print $3 }' | sort -u >"$D/kinds"
	for kind in reset none other filter-branch; do
		grep -qx "$kind" "$D/kinds" || fail "no $kind"
	done
	expect_complete
}

subtree()
{
	[ -x "$(git --exec-path)/git-subtree" ] || skip "git subtree is not installed"
	new_ground
	git init -q "$D/sub"
	commit_file "$D/sub" lib lib "lib"
	g subtree add -q --prefix=lib "$D/sub" main
	commit_file "$D/sub" lib lib2 "lib 2"
	g subtree pull -q --prefix=lib "$D/sub" main -m 'subtree pull'
	expect_eq "other kinds" "$("$TOOL" all "$R" | grep -c ' other ' || :)" 0
	expect_complete
}

places()
{
	new_ground
	g checkout -q --detach
	g checkout -q -
	g switch -q -c topic
	g bisect start
	g bisect bad
	g bisect good HEAD~2
	g bisect reset
	printf x >>"$R/file1"
	g stash -q
	g stash branch stashed
	g checkout -q -f -B topic main
	g reset -q --soft HEAD~1
	g checkout -q HEAD -- file1
	g checkout -q
	expect_eq "other kinds" "$("$TOOL" all "$R" | grep -c ' other ' || :)" 0
	expect_complete
}

nothing_of_heads()
{
	new_ground
	git clone -q "$R" "$D/up"
	commit_file "$D/up" a a "up a"
	look
	g fetch -q "$D/up" main:theirs
	g fetch -q . theirs:copy
	g notes add -m note
	g tag v1
	g branch -f copy HEAD
	g gc -q
	g update-ref refs/heads/other HEAD~1
	g checkout -q
	expect_kinds
	expect_told "by what never moves HEAD" 0
}

action_of_the_users()
{
	new_ground
	export GIT_REFLOG_ACTION=Z
	c one
	g checkout -q -b side HEAD~1
	c two
	c three
	g rebase -q main
	g checkout -q main
	g merge -q --ff-only side
	g reset -q --hard HEAD~1
	g cherry-pick side
	expect_kinds other other other other rebase-start rebase-pick rebase-pick rebase-finish other merge-ff reset other
}

pushed_into()
{
	new_ground
	git -C "$R" config receive.denyCurrentBranch updateInstead
	git clone -q "$R" "$D/down"
	commit_file "$D/down" a a "down a"
	git -C "$D/down" push -q origin main
	expect_kinds push
}

# ---- what befalls the file ------------------------------------------------------------------------
freeze()
{
	export GIT_COMMITTER_DATE='2026-01-01T00:00:00Z' GIT_AUTHOR_DATE='2026-01-01T00:00:00Z'
}

three_stashes_in_a_second()
{
	new_ground
	freeze
	for n in 1 2 3; do
		printf '%s' "$n" >>"$R/file1"
		g stash -q
	done
	expect_told "one a stash" 3
	expect_complete
}

gc_adds_a_tab()
{
	new_ground
	git -C "$R" worktree add -q --detach "$D/w"
	expect_match "a line without TAB" "$(cat "$R/.git/worktrees/w/logs/HEAD")" '[+]0000$'
	look "$D/w"
	expect_told "the birth" 1
	git -C "$R" gc -q
	git -C "$R" reflog expire --expire=never --all
	expect_match "a line with TAB" "$(cat "$R/.git/worktrees/w/logs/HEAD")" $'\t$'
	expect_complete "$D/w"
	expect_told "the same" 1
}

expiry_adds_tabs()
{
	new_ground
	git -C "$R" update-ref HEAD HEAD~1
	look
	git -C "$R" update-ref HEAD HEAD~1
	git -C "$R" reflog expire --expire=never --all
	expect_complete
	expect_told "one an update" 2
}

delete_rewrites_old()
{
	new_ground
	for n in 1 2 3 4; do
		c "d$n"
	done
	git -C "$R" reflog delete --rewrite 'HEAD@{2}'
	look
	expect_told "before and after" 4
	git -C "$R" reflog delete 'HEAD@{1}'
	look
	c d5
	expect_told "and one more" 5
}

worktree_again()
{
	[ "${1:-}" != frozen ] || freeze
	new_ground
	for _ in 1 2; do
		git -C "$R" worktree add -q --detach "$D/w"
		git -C "$D/w" checkout -q --detach HEAD~1
		look "$D/w"
		git -C "$R" worktree remove "$D/w"
	done
	expect_told "each worktree's birth and checkout" 4
}

copied()
{
	freeze
	new_ground
	g checkout -q -b side
	cp -r "$R" "$D/copy"
	for dir in "$R" "$D/copy"; do
		git -C "$dir" checkout -q main
		look "$dir"
		git -C "$dir" checkout -q side
		look "$dir"
	done
	expect_told "one before, two in each" 5
	"$TOOL" identify "$R" >"$D/one"
	"$TOOL" identify "$D/copy" >"$D/other"
	! cmp -s "$D/one" "$D/other" || fail "the copy is taken for its original"
}

copied_with_worktrees()
{
	new_ground
	git -C "$R" worktree add -q -b topic "$D/w"
	commit_file "$D/w" a a "in w"
	look "$D/w"
	look
	expect_told "in the worktree" 3
	cp -r "$R" "$D/copy"
	look "$D/copy"
	look "$D/copy/.git/worktrees/w"
	expect_told "nothing of the copy's is new" 3
}

# A move across file systems is a copy whose original is gone.
moved_across()
{
	[ -w /dev/shm ] && [ "$(stat -c %d /dev/shm)" != "$(stat -c %d "$T")" ] || skip "no second file system"
	new_ground
	c one
	"$TOOL" hook "$R" >/dev/null
	c two
	R=$(mktemp -d /dev/shm/runwake-test.XXXXXX)
	trap 'rm -rf "$R"' EXIT
	cp -r "$D/r/." "$R"
	rm -rf "$D/r"
	expect_eq "nothing is new" "$("$TOOL" observe "$R")" 0
	c three
	expect_told "one a commit" 3
}

moved_within()
{
	new_ground
	git -C "$R" worktree add -q -b topic "$D/w"
	look "$D/w"
	git -C "$R" worktree move "$D/w" "$D/w2"
	commit_file "$D/w2" a a "in w"
	look "$D/w2"
	mv "$R" "$D/elsewhere"
	R=$D/elsewhere
	git -C "$R" worktree repair "$D/w2" 2>/dev/null
	commit_file "$D/w2" b b "in w"
	c one
	expect_complete "$R" "$D/w2"
	expect_told "birth, reset, two commits, one commit" 5
}

# Baseline is a place: what is dated before it still counts.
dated_back()
{
	new_ground
	GIT_COMMITTER_DATE='2001-01-01T00:00:00Z' c old
	expect_told "the commit" 1
	GIT_COMMITTER_DATE='2040-01-01T00:00:00Z' c young
	c now
	GIT_COMMITTER_DATE='2001-01-01T00:00:00Z' c old2
	c now2
	expect_complete
	expect_told "all" 5
}

expired_at_once()
{
	new_ground
	c one
	git -C "$R" reflog expire --expire=now --all
	look
	git -C "$R" gc -q --prune=now
	look
	c two
	expect_told "before and after" 2
	git -C "$R" reflog expire --expire=now --all
	c three # nobody looked between
	expect_told "and after" 3
}

# The log's bytes cannot tell the third line from the first, which is gone: the one case that stays open.
expired_and_made_again()
{
	freeze
	new_ground
	g branch side
	g checkout -q side
	g checkout -q main
	git -C "$R" reflog expire --expire=now --all
	look
	g checkout -q side
	expect_told "the third is taken for the first" 2
}

deleted_log()
{
	new_ground
	c one
	rm "$R/.git/logs/HEAD"
	look
	c two
	expect_told "what was looked at, and what came after" 2
}

settings_do_not_matter()
{
	own_state
	git init -q "$R"
	git -C "$R" config core.logAllRefUpdates false
	commit_file "$R" a a "a"
	[ ! -e "$R/.git/logs/HEAD" ] || fail "git logs although it shall not"
	"$TOOL" register "$R"
	c one
	git -C "$R" config core.logAllRefUpdates always
	c two
	expect_kinds commit commit
}

bare_with_worktree()
{
	new_ground
	git clone -q --bare "$R" "$D/bare.git"
	"$TOOL" register "$D/bare.git"
	git -C "$D/bare.git" worktree add -q "$D/w" main
	commit_file "$D/w" a a "in w"
	git -C "$D/bare.git" update-ref HEAD HEAD~1
	expect_complete "$D/bare.git" "$D/w"
	[ "$(count_told)" -ge 3 ] || fail "$(told)"
}

submodules()
{
	new_ground
	git init -q "$D/sub"
	commit_file "$D/sub" a a "sub a"
	g submodule --quiet add "$D/sub" sub
	g commit -q -m "with a submodule"
	"$TOOL" register "$R/sub"
	commit_file "$R/sub" b b "sub b"
	expect_complete "$R" "$R/sub"
	expect_told "the superproject's and the submodule's" 2
}

branch_renamed()
{
	new_ground
	git -C "$R" worktree add -q --force "$D/w" main
	look "$D/w"
	g branch -m main trunk
	look "$D/w"
	c one
	expect_complete "$R" "$D/w"
	expect_eq "nothing is implied" "$(told | grep -c implied || :)" 0
}

odd_texts()
{
	local subject
	new_ground
	head -c 3000000 /dev/zero | tr '\0' s >"$D/subject"
	printf '%s\n' x >"$R/x"
	git -C "$R" add x
	g commit -q -F "$D/subject"
	g commit -q --allow-empty -m $'several\nlines\n\nof text'
	subject="$(git -C "$R" rev-parse HEAD) $(git -C "$R" rev-parse HEAD~1) Eve <eve@example.org> 1 +0000 commit: forged"
	g commit -q --allow-empty -m "$subject"
	GIT_REFLOG_ACTION=$'a\nb\tc\rd\377e' g commit -q --allow-empty -m odd
	git -C "$R" -c user.name=$'\377\001 <x> \342\200\256' -c user.email='<>' commit -q --allow-empty -m who
	look
	expect_eq "lines told" "$(count_told)" 5
	expect_complete
}

token_in_a_pull()
{
	new_ground
	git clone -q "$R" "$D/up"
	commit_file "$D/up" a a "up a"
	git -C "$R" config "url.$D/up.insteadOf" 'https://user:s3cret@example.org/x.git'
	g pull -q 'https://user:s3cret@example.org/x.git' main
	expect_match "git wrote it" "$(cat "$R/.git/logs/HEAD")" s3cret
	expect_complete
	expect_told "the pull" 1
	! grep -rq s3cret "$XDG_STATE_HOME/runwake" || fail "the token is in our files"
}

glued_lines()
{
	new_ground
	c one
	printf '%s' "$(git -C "$R" rev-parse HEAD) 1234567890" >>"$R/.git/logs/HEAD" # as a full disk leaves it
	look
	git -C "$R" commit -q --allow-empty -m two
	look
	c three
	expect_told "one a commit" 3
	expect_complete
}

half_a_line()
{
	local line
	new_ground
	c one
	line=$(tail -n 1 "$R/.git/logs/HEAD")
	line=${line/one/two}
	printf '%s' "${line:0:60}" >>"$R/.git/logs/HEAD"
	look
	expect_told "not yet" 1
	printf '%s\n' "${line:60}" >>"$R/.git/logs/HEAD"
	look
	[ "$(told | grep -vc implied)" -eq 2 ] || fail "$(told)"
}

# ---- movements without lines, lines without movements ----------------------------------------------
age_log()
{
	touch -d '1 minute ago' "$R/.git/logs/HEAD"
}

a_failed_rename()
{
	needs strace
	new_ground
	look
	# An empty commit renames nothing but the ref.
	! strace -f -o "$D/trace" -e trace=rename -e inject=rename:error=EIO:when=1 git -C "$R" commit -q --allow-empty -m phantom 2>/dev/null
	expect_eq "a line without a movement" "$(git -C "$R" log -1 --format=%s)" c3
	look
	rm -f "$R/.git/refs/heads/main.lock" "$R/.git/HEAD.lock"
	c two
	expect_eq kinds "$(told | awk '{ printf "%s ", $2 }')" "commit implied commit "
}

implied_movements()
{
	local old new id
	new_ground
	c one
	c two
	old=$(git -C "$R" rev-parse HEAD)
	new=$(git -C "$R" rev-parse HEAD~1)
	printf '%s\n' "$new" >"$R/.git/refs/heads/main" # as programs do that write no log
	age_log
	expect_eq "seen once settled" "$("$TOOL" settled "$R")" 1
	expect_eq "told once" "$("$TOOL" settled "$R")" 0
	expect_match movement "$(told | tail -n 1)" "implied $old $new"
	id=$(told | awk '$2 == "implied" { print $1 }')
	git -C "$R" reset -q --hard
	git -C "$R" commit -q --allow-empty -m three
	look
	expect_eq "the gap between lines is the same" "$(told | awk '$2 == "implied" { print $1 }')" "$id"
	expect_match kinds "$(told | awk '{ printf "%s ", $2 }')" '^commit commit implied (reset )?commit $'
}

branch_moved_from_elsewhere()
{
	new_ground
	git -C "$R" worktree add -q -b topic "$D/w" HEAD
	look "$D/w"
	git -C "$R" update-ref refs/heads/topic HEAD~1
	touch -d '1 minute ago' "$R/.git/worktrees/w/logs/HEAD"
	expect_eq "seen once settled" "$("$TOOL" settled "$D/w")" 1
	expect_match movement "$(told | tail -n 1)" "implied $(git -C "$R" rev-parse HEAD) $(git -C "$R" rev-parse HEAD~1)"
}

head_redirected()
{
	new_ground
	c one
	git -C "$R" branch other HEAD~1
	printf 'ref: refs/heads/other\n' >"$R/.git/HEAD"
	age_log
	expect_eq "seen once settled" "$("$TOOL" settled "$R")" 1
	g checkout -q --orphan nowhere
	age_log
	expect_eq "unborn is nowhere" "$("$TOOL" settled "$R")" 0
}

# ---- many at once -----------------------------------------------------------------------------------
witnesses_at_once()
{
	local n pid
	local -a pids=()
	new_ground
	for n in $(seq 6); do
		while [ ! -e "$D/done" ]; do
			if [ $((n % 2)) = 0 ]; then "$TOOL" hook "$R"; else "$TOOL" observe "$R"; fi
		done >/dev/null &
		pids+=($!)
	done
	for n in $(seq 40); do
		git -C "$R" commit -q --allow-empty -m "n$n"
		[ $((n % 13)) != 0 ] || git -C "$R" reflog expire --expire=never --all
	done
	: >"$D/done"
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
	expect_complete
	expect_told "one a commit" 40
}

worktrees_at_once()
{
	local n
	new_ground
	for n in $(seq 8); do
		git -C "$R" worktree add -q -b "b$n" "$D/w$n"
	done
	for n in $(seq 8); do
		for m in 1 2 3; do
			git -C "$D/w$n" commit -q --allow-empty -m "n$n$m"
			"$TOOL" hook "$D/w$n" >/dev/null
		done &
	done
	wait
	expect_complete "$R" "$D"/w[1-8]
	expect_eq commits "$(told | grep -c ' commit ')" 24
}

branches_too()
{
	new_ground
	c one
	g branch other
	git clone -q "$R" "$D/up"
	git -C "$R" remote add up "$D/up"
	g fetch -q up
	git -C "$D/up" checkout -q --detach
	c two
	g push -q up main
	"$TOOL" refs "$R" >"$D/lines"
	expect_eq "lines told" "$(cat "$D/lines")" \
	    "$(("$(cat "$R"/.git/logs/refs/heads/* "$R"/.git/logs/refs/remotes/up/* | wc -l)" - 3))"
	expect_eq "told once" "$("$TOOL" refs "$R")" 0
	expect_eq "pushes" "$("$TOOL" spooled . | grep -c '^ref-moved .* update-by-push ')" 1
	git -C "$R" reflog expire --expire=never --all
	git -C "$R" pack-refs --all
	expect_eq "gc changes nothing" "$("$TOOL" refs "$R")" 0
}

t "commits" commits
t "merges" merges
t "conflicts" conflicts
t "pulls" pulls
t "a pull into an empty repository" pull_into_nothing
t "a clone from a template" clone
t "rebases" rebases
t "a rebase that stops" rebase_that_stops
t "a rebase of merges" rebase_of_merges
t "a rebase by apply" rebase_by_apply
t "am" mails
t "cherry-picks and reverts" picks
t "plumbing" plumbing
t "subtree" subtree
t "checkout, switch, bisect, stash" places
t "what never moves HEAD" nothing_of_heads
t "GIT_REFLOG_ACTION" action_of_the_users
t "a push into the checked out branch" pushed_into
t "three stashes in one second" three_stashes_in_a_second
t "gc gives a line its TAB" gc_adds_a_tab
t "expiry gives lines their TABs" expiry_adds_tabs
t "reflog delete --rewrite" delete_rewrites_old
t "a worktree removed and added again" worktree_again
t "the same in one second" worktree_again frozen
t "a copy, and the same checkouts in the same second" copied
t "a copy of a repository with worktrees" copied_with_worktrees
t "a move across file systems" moved_across
t "worktree move, mv and repair" moved_within
t "commits dated back and ahead" dated_back
t "everything expired" expired_at_once
t "expired, and made again in the same second" expired_and_made_again
t "the log deleted" deleted_log
t "core.logAllRefUpdates" settings_do_not_matter
t "a bare repository with a worktree" bare_with_worktree
t "submodules" submodules
t "a branch renamed under two worktrees" branch_renamed
t "odd texts" odd_texts
t "a token in a pull" token_in_a_pull
t "lines glued by a full disk" glued_lines
t "half a line" half_a_line
t "a line without a movement" a_failed_rename
t "a movement without a line" implied_movements
t "a branch moved from another worktree" branch_moved_from_elsewhere
t "HEAD redirected" head_redirected
t "many witnesses at once" witnesses_at_once
t "many worktrees at once" worktrees_at_once
t "the branches' logs" branches_too
end_tests
