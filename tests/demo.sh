#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The whole loop before your eyes, in a scratch directory that is gone afterwards:
#
#	tests/demo.sh PREFIX|BUILDDIR [REPO]
#
# REPO: a repository to work on a copy of; without it, or where it is none, a new one is made. Nothing outside of the
# scratch directory is read or written, REPO's objects apart.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
place=$(cd "${1:-$here/build/release}" && pwd)
source_repo=${2:-}
[ -z "$source_repo" ] || source_repo=$(cd "$source_repo" && pwd)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/runwake-demo.XXXXXX")
scratch=$(cd "$scratch" && pwd -P)

# `runwake start` starts it, in the scratch home; one of yours is none of our business.
stop_watcher()
{
	[ "$HOME" != "$scratch/home" ] || ! command -v runwake-watcher >/dev/null || runwake-watcher --stop >/dev/null 2>&1 || :
}
trap 'stop_watcher; rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

# A home of its own: your settings, your hooks and your records are not touched.
for name in $(env | sed -n 's/^\(\(GIT\|RUNWAKE\|XDG\)_[A-Za-z0-9_]*\)=.*/\1/p'); do
	unset "$name"
done
export HOME=$scratch/home GIT_CONFIG_GLOBAL=$scratch/home/.gitconfig GIT_CONFIG_SYSTEM=/dev/null PAGER=cat GIT_EDITOR=true
mkdir -p "$HOME"
git config --global user.name "Ann Example"
git config --global user.email ann@example.org
git config --global init.defaultBranch main
git config --global safe.directory '*'
git config --global advice.detachedHead false

if [ ! -x "$place/bin/runwake" ] || [ ! -d "$place/libexec/runwake" ]; then
	# A build directory is not laid out as an installation is.
	make -s -C "$here" VARIANT="$(basename "$place")" PREFIX="$scratch/installed" install
	place=$scratch/installed
fi
export PATH=$place/bin:$PATH

# What was just edited comes to rest first, and is then recorded.
until_seen() # RUN TEXT
{
	local deadline=$((SECONDS + 20))
	until runwake diff "$1" --uncommitted 2>/dev/null | grep -qF "$2"; do
		[ "$SECONDS" -lt "$deadline" ] || { echo "the watcher has not seen '$2'" >&2; exit 1; }
		read -rt 0.1 <>"$scratch/never" || :
	done
}

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	bold=$(printf '\033[1m') dim=$(printf '\033[2m') plain=$(printf '\033[0m')
else
	bold='' dim='' plain=''
fi

say()
{
	printf '\n%s# %s%s\n' "$dim" "$*" "$plain"
}

# Shows the command as one would type it, then runs it.
step()
{
	printf '%s$ %s%s\n' "$bold" "$1" "$plain"
	eval "$1"
}

began=$SECONDS
cd "$scratch"
mkfifo never
if [ -n "$source_repo" ] && git -C "$source_repo" rev-parse -q --verify HEAD >/dev/null 2>&1; then
	say "A repository with a history of its own."
	printf '%s$ git clone %s project%s\n' "$bold" "$source_repo" "$plain"
	git clone -q --no-hardlinks "$source_repo" project
	git -C project checkout -q -B main
else
	say "A repository."
	step 'git init -q project'
	printf 'A small project.\n' >project/NOTES
	git -C project add NOTES
	git -C project commit -q -m "Begin"
fi

say "Runwake's hooks go in; whatever hooks are there keep running."
step 'runwake install project'

say "Two agents, each in a worktree of its own. A run begins and says who it is."
step 'git -C project worktree add -q -b price-list ../one'
step 'git -C project worktree add -q -b greeting ../two'
step 'cd one'
step 'runwake start --workflow implement --task "Add a price list" --run-id prices'
step 'cd ../two'
step 'runwake start --workflow fix --task "Greet politely" --run-id greeting'

say "They work. One of them amends; the other commits where no hook runs."
step 'cd ../one'
step 'printf "tea 3\ncoffee 4\n" >prices.txt; git add prices.txt; git commit -q -m "Add prices"'
step 'printf "cocoa 5\n" >>prices.txt; git commit -q -a --amend -m "Add prices, cocoa too"'
step 'printf "Prices are in florins.\n" >prices.md; git add prices.md; git commit -q -m "Say what a price means"'
step 'cd ../two'
step 'printf "Good morning\n" >greeting.txt; git add greeting.txt; git commit -q -m "Greet"'
step 'printf "Good evening\n" >>greeting.txt; git -c core.hooksPath=/dev/null commit -q -a -m "Greet in the evening"'

say "One writes something, and throws it away before it was committed. The watcher, which the first start has started, saw it."
step 'printf "Good night\n" >>greeting.txt'
until_seen greeting "Good night"
step 'git checkout -q greeting.txt'

say "One brings in what the other made; that stays the other's work."
step 'cd ../one'
step 'git merge -q --no-edit greeting'
step 'runwake finish --status completed --result "There is a price list."'
step 'cd ../two'
step 'runwake finish --status completed'

say "Which runs were there, and what did one of them leave in git?"
step 'cd ../project'
step 'runwake list'
step 'runwake show prices'

say "What did the other throw away?"
step 'runwake diff greeting --discarded'

say "Which run made this commit? (It was amended since.)"
# shellcheck disable=SC2016 # expanded when the step runs
step 'runwake show "$(git rev-parse --short "price-list@{3}")"'

say "Is anything missing? Is everything wired?"
step 'runwake verify'
step 'runwake doctor'

say "That took $((SECONDS - began)) s. The scratch directory is gone now."
