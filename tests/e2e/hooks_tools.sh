#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The hooks of other people's tools: git-lfs, pre-commit, lefthook and husky do their work with ours before them, and
# uninstalling leaves what they had put there. What is not installed, or cannot be fetched, is skipped.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"
# shellcheck source=tests/e2e/hooks_common.bash
. "$(dirname "$0")/hooks_common.bash"

six_answer() # REPO
{
	runwake doctor "$1" >"$T/doctor" || { cat "$T/doctor"; fail "doctor finds something broken"; }
	grep -q '6 of 6 answer' "$T/doctor"
}

is_witnessed() # DIR
{
	local before
	before=$(witnessed "$1")
	git -C "$1" commit -q --allow-empty -m "Witnessed"
	expect_eq "movements that the hook witnessed" "$(($(witnessed "$1") - before))" 1
}

wire_and_back() # REPO HOOKS-DIR COMMAND…: the command must hold while wired; then every byte is as before
{
	local repo=$1 hooks=$2
	shift 2
	snapshot "$hooks" >"$T/then"
	runwake install "$repo"
	six_answer "$repo"
	"$@"
	is_witnessed "$repo"
	movements_are_complete "$repo"
	runwake install --uninstall "$repo"
	snapshot "$hooks" >"$T/now"
	expect_same "$hooks" "$T/now" "$T/then"
}

# ---- git-lfs: its pre-push sends the files; if it did not run, they would be lost to everybody else
lfs_repo() # DIR
{
	needs git-lfs
	new_repo "$1"
	git init -q --bare "$1.git"
	git -C "$1" remote add origin "file://$1.git"
}

lfs_use() # DIR
{
	git -C "$1" lfs track '*.bin' >/dev/null
	git -C "$1" add .gitattributes
	head -c 100000 /dev/urandom >"$1/large.bin"
	git -C "$1" add large.bin
	git -C "$1" commit -q -m "A large file"
}

lfs_push_sends() # DIR
{
	lfs_use "$1"
	git -C "$1" push -q origin main
	expect_eq "large files there" "$(find "$1.git/lfs/objects" -type f | wc -l)" 1
}

lfs_chained()
{
	lfs_repo "$T/lfs"
	git -C "$T/lfs" lfs install --local >/dev/null
	[ -x "$T/lfs/.git/hooks/pre-push" ]
	wire_and_back "$T/lfs" "$T/lfs/.git/hooks" lfs_push_sends "$T/lfs"
}

lfs_refuses_still()
{
	lfs_repo "$T/lfs-broken"
	git -C "$T/lfs-broken" lfs install --local >/dev/null
	lfs_use "$T/lfs-broken"
	runwake install "$T/lfs-broken"
	rm -rf "$T/lfs-broken/.git/lfs/objects"
	! git -C "$T/lfs-broken" push -q origin main 2>"$T/err" || fail "git pushes though git-lfs says no"
	git -C "$T/lfs-broken.git" rev-parse -q --verify main && fail "the branch went though git-lfs said no"
	return 0
}

# git-lfs refuses where a hook is; ours is not harmed.
lfs_after_us()
{
	lfs_repo "$T/lfs-after"
	runwake install "$T/lfs-after"
	snapshot "$PROGRAMS" "$T/lfs-after/.git/hooks" >"$T/then"
	! git -C "$T/lfs-after" lfs install --local >/dev/null 2>&1 || fail "git-lfs overwrites hooks now: look again"
	snapshot "$PROGRAMS" "$T/lfs-after/.git/hooks" >"$T/now"
	expect_same "our hooks" "$T/now" "$T/then"
	# The mend: let it have the place, then come before it.
	runwake install --uninstall "$T/lfs-after"
	git -C "$T/lfs-after" lfs install --local >/dev/null
	wire_and_back "$T/lfs-after" "$T/lfs-after/.git/hooks" lfs_push_sends "$T/lfs-after"
}

# ---- pre-commit
pre_commit_repo() # DIR
{
	needs pre-commit
	new_repo "$1"
	git init -q --bare "$1.git"
	cat >"$1/.pre-commit-config.yaml" <<-CONFIG
		repos:
		  - repo: local
		    hooks:
		      - id: note
		        name: note
		        language: system
		        entry: sh -c 'echo \$PRE_COMMIT_REMOTE_BRANCH >>"$T/pre-commit.log"'
		        always_run: true
		        pass_filenames: false
		        stages: [post-commit, post-checkout, post-merge, post-rewrite, push]
	CONFIG
	git -C "$1" add .pre-commit-config.yaml
	git -C "$1" commit -q -m "Configuration"
}

pre_commit_install() # DIR
{
	(cd "$1" && pre-commit install -t post-commit -t post-checkout -t post-merge -t post-rewrite -t pre-push) >/dev/null
}

pre_commit_runs() # DIR
{
	: >"$T/pre-commit.log"
	git -C "$1" commit -q --allow-empty -m One
	git -C "$1" commit -q --allow-empty --amend -m Two
	git -C "$1" checkout -q -b other
	git -C "$1" push -q "$1.git" other
	expect_eq "runs of its hooks" "$(wc -l <"$T/pre-commit.log")" 5
	expect_eq "what it read from its input" "$(tail -n 1 "$T/pre-commit.log")" refs/heads/other
}

pre_commit_chained()
{
	pre_commit_repo "$T/pre-commit"
	pre_commit_install "$T/pre-commit"
	wire_and_back "$T/pre-commit" "$T/pre-commit/.git/hooks" pre_commit_runs "$T/pre-commit"
}

# It moves ours to NAME.legacy and runs it first: ours still witnesses, and installing again puts it in front.
pre_commit_after_us()
{
	pre_commit_repo "$T/pre-commit-after"
	runwake install "$T/pre-commit-after"
	pre_commit_install "$T/pre-commit-after"
	pre_commit_runs "$T/pre-commit-after"
	is_witnessed "$T/pre-commit-after"
	expect_exit 1 runwake doctor "$T/pre-commit-after"
	runwake install "$T/pre-commit-after"
	six_answer "$T/pre-commit-after"
	is_witnessed "$T/pre-commit-after"
}

# ---- what npm brings
fetch_npm() # PACKAGE…; once for all tests
{
	needs npm node
	[ -d "$T/npm/node_modules/$1" ] && return
	mkdir -p "$T/npm"
	(cd "$T/npm" && npm init -y >/dev/null 2>&1 && timeout 120 npm install --silent --no-audit --no-fund "$@" >/dev/null 2>&1) ||
		skip "npm cannot fetch $*"
}

lefthook_repo() # DIR
{
	fetch_npm lefthook
	export PATH=$T/npm/node_modules/.bin:$PATH
	new_repo "$1"
	git init -q --bare "$1.git"
	cat >"$1/lefthook.yml" <<-CONFIG
		output: []
		post-commit:
		  commands: { note: { run: 'echo post-commit >>"$T/lefthook.log"' } }
		post-checkout:
		  commands: { note: { run: 'echo post-checkout {1} >>"$T/lefthook.log"' } }
		post-rewrite:
		  commands: { note: { run: 'cat >>"$T/lefthook.log"', use_stdin: true } }
		pre-push:
		  commands: { note: { run: 'cat >>"$T/lefthook.log"', use_stdin: true } }
	CONFIG
	git -C "$1" add lefthook.yml
	git -C "$1" commit -q -m "Configuration"
}

lefthook_runs() # DIR
{
	local before amended
	: >"$T/lefthook.log"
	git -C "$1" commit -q --allow-empty -m One
	before=$(git -C "$1" rev-parse HEAD)
	git -C "$1" commit -q --allow-empty --amend -m Two
	amended=$(git -C "$1" rev-parse HEAD)
	git -C "$1" push -q "$1.git" main
	expect_eq "what its hooks got" "$(cat "$T/lefthook.log")" "post-commit
post-commit
$before $amended
refs/heads/main $amended refs/heads/main $(printf '%040d' 0)"
}

lefthook_chained()
{
	lefthook_repo "$T/lefthook"
	(cd "$T/lefthook" && lefthook install) >/dev/null
	wire_and_back "$T/lefthook" "$T/lefthook/.git/hooks" lefthook_runs "$T/lefthook"
}

# It moves ours aside and runs it no more: doctor says so, and installing again mends it.
lefthook_after_us()
{
	lefthook_repo "$T/lefthook-after"
	runwake install "$T/lefthook-after"
	(cd "$T/lefthook-after" && lefthook install) >/dev/null
	expect_exit 1 runwake doctor "$T/lefthook-after"
	expect_match "doctor" "$(cat "$T/out")" 'post-commit is not ours'
	runwake install "$T/lefthook-after"
	six_answer "$T/lefthook-after"
	lefthook_runs "$T/lefthook-after"
	is_witnessed "$T/lefthook-after"
}

husky_repo() # DIR
{
	fetch_npm husky@9
	export PATH=$T/npm/node_modules/.bin:$PATH
	new_repo "$1"
	git init -q --bare "$1.git"
	(cd "$1" && husky)
	mkdir -p "$1/.husky"
	echo "echo post-commit >>'$T/husky.log'" >"$1/.husky/post-commit"
	echo "cat >>'$T/husky.log'; exit \${HUSKY_CODE:-0}" >"$1/.husky/pre-push"
	git -C "$1" add .husky
	git -C "$1" commit -q -m "Hooks"
	expect_eq "core.hooksPath" "$(git -C "$1" config core.hooksPath)" .husky/_
}

husky_runs() # DIR
{
	git -C "$1.git" update-ref -d refs/heads/main
	: >"$T/husky.log"
	git -C "$1" commit -q --allow-empty -m One
	! HUSKY_CODE=1 git -C "$1" push -q "$1.git" main 2>/dev/null || fail "git pushes though husky's hook says no"
	: >"$T/husky.log"
	git -C "$1" commit -q --allow-empty -m Two
	git -C "$1" push -q "$1.git" main
	expect_eq "what its hooks got" "$(cat "$T/husky.log")" "post-commit
refs/heads/main $(git -C "$1" rev-parse HEAD) refs/heads/main $(printf '%040d' 0)"
	expect_eq "git status" "$(git -C "$1" status --porcelain)" ""
}

husky_chained()
{
	husky_repo "$T/husky"
	wire_and_back "$T/husky" "$T/husky/.husky/_" husky_runs "$T/husky"
}

# Each `npm install` writes its stubs anew: ours vanish, which harms neither our programs nor its hooks; doctor says so.
husky_again()
{
	husky_repo "$T/husky-again"
	runwake install "$T/husky-again"
	snapshot "$PROGRAMS" >"$T/then"
	(cd "$T/husky-again" && husky)
	snapshot "$PROGRAMS" >"$T/now"
	expect_same "our programs" "$T/now" "$T/then"
	husky_runs "$T/husky-again"
	expect_exit 1 runwake doctor "$T/husky-again"
	expect_match "doctor" "$(cat "$T/out")" 'something has overwritten it'
	runwake verify --repair "$T/husky-again" >/dev/null || :
	movements_are_complete "$T/husky-again"
	runwake install "$T/husky-again"
	six_answer "$T/husky-again"
	husky_runs "$T/husky-again"
	is_witnessed "$T/husky-again"
	runwake install --uninstall "$T/husky-again"
	expect_eq "what is left of us" "$(find "$T/husky-again/.husky" "$T/husky-again/.git" -name '*runwake*')" ""
}

t "git-lfs sends its files with us before it" lfs_chained
t "git-lfs can refuse a push with us before it" lfs_refuses_still
t "git-lfs leaves us alone where we are first" lfs_after_us
t "pre-commit runs with us before it" pre_commit_chained
t "pre-commit runs us where we were first" pre_commit_after_us
t "lefthook runs with us before it" lefthook_chained
t "lefthook puts us aside, which is found and mended" lefthook_after_us
t "husky runs with us before it" husky_chained
t "husky writes its stubs anew, which is found and mended" husky_again
end_tests
