#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What the diff of an uncommitted edit costs, ours against git's own:  tests/bench/edits.sh [BUILDDIR]
#
# A tree of 200,000 files in 20,000 directories; one of them is edited. Side by side, interleaved, medians of 15 rounds:
# `git diff --numstat HEAD -- PATH` (the path alone), `git diff --numstat HEAD` (the whole tree), and tool_edits as a
# whole process, which starts libgit2 for one diff. Then within one process, as the recorder has it: the first diff and
# the fastest. Then the same with the index rewritten, with an untracked file, and with contents kept on the disk. At
# last 30,000 small untracked files, whose contents are kept: the time and the disk that takes.
# FILES=N and MANY=N make the trees smaller. A path's diff that costs more than git's own of that path ends the bench
# with 1.
set -u

root=$(cd "$(dirname "$0")/../.." && pwd)
tool=$(cd "${1:-$root/build/release}" && pwd)/tests/e2e/tool_edits
rounds=${ROUNDS:-15}
files=${FILES:-200000}
many=${MANY:-30000}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
export HOME=$scratch LC_ALL=C GIT_CONFIG_SYSTEM=/dev/null GIT_CONFIG_GLOBAL=/dev/null
unset XDG_CONFIG_HOME

make_repository() # DIR FILES
{
	git init -q -b main "$1"
	awk -v files="$2" 'BEGIN {
		print "commit refs/heads/main\ncommitter A <a@example.org> 1700000000 +0000\ndata 1\nx"
		for (i = 0; i < files; i++)
			printf "M 100644 inline d%d/e%d/f%d\ndata <<END\nfile %d\nsecond\nthird\nEND\n\n", i % 141, int(i / 141) % 141, i, i
	}' | git -C "$1" fast-import --quiet
	git -C "$1" reset -q --hard
	git -C "$1" status >/dev/null
}

microseconds_of() # COMMAND…
{
	local start=${EPOCHREALTIME/./}
	"$@" >/dev/null 2>&1
	echo $((${EPOCHREALTIME/./} - start))
}

median()
{
	sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'
}

within() # NAME [OPTION…] PATH…
{
	local name=$1 line first fastest
	shift
	line=$("$tool" -r "$rounds" "$@" 2>&1 >/dev/null | tail -n 1)
	read -r _ first _ _ fastest _ <<<"$line"
	awk -v name="$name" -v first="$first" -v fastest="$fastest" -v git="$git" 'BEGIN {
		printf "%-52s first %8.2f ms  fastest %8.2f ms  ratio to git %.3f\n", name, first / 1000, fastest / 1000, fastest / git }'
	last=$fastest
}

keep_many() # [OPTION…], which keep contents or not
{
	local start=${EPOCHREALTIME/./} what=nothing
	[ $# -eq 0 ] || what=contents
	"$tool" -w "$@" "$scratch/many" "$scratch/none" >/dev/null 2>&1 || echo "tool_edits exits with $?"
	printf '%d untracked files, %s kept: %d ms' "$many" "$what" $(((${EPOCHREALTIME/./} - start) / 1000))
	rm -f "$scratch"/none*
	[ ! -d "$scratch/kept" ] || printf ', %d kB on the disk' "$(du -sk "$scratch/kept" | cut -f 1)"
	echo
}

make_many() # DIR FILES
{
	git init -q -b main "$1"
	(cd "$1" && mkdir $(seq -f 'd%.0f' 0 299) && awk -v files="$2" 'BEGIN {
		for (i = 0; i < files; i++) {
			path = "d" i % 300 "/f" i
			print i >path
			close(path)
		}
	}')
}

make_repository "$scratch/r" "$files"
cd "$scratch/r" || exit 1
path=$(git ls-files | sed -n "$((files / 2))p")
"$tool" . "$scratch/state" >/dev/null 2>&1
echo more >>"$path"
for ((i = 0; i < rounds; i++)); do
	microseconds_of git --no-optional-locks -c diff.autoRefreshIndex=false diff --numstat HEAD -- "$path" >>"$scratch/git"
	microseconds_of git --no-optional-locks -c diff.autoRefreshIndex=false diff --numstat HEAD >>"$scratch/all"
	cp "$scratch/state" "$scratch/again"
	cp "$scratch/state.cache" "$scratch/again.cache"
	microseconds_of "$tool" . "$scratch/again" "$path" >>"$scratch/ours"
done
git=$(median <"$scratch/git")
awk -v git="$git" -v all="$(median <"$scratch/all")" -v ours="$(median <"$scratch/ours")" -v files="$files" 'BEGIN {
	printf "%d files, one edited: git diff of the path %.2f ms, of the tree %.2f ms; tool %.2f ms\n",
	    files, git / 1000, all / 1000, ours / 1000 }'

cp "$scratch/state" "$scratch/base"
cp "$scratch/state.cache" "$scratch/base.cache"
within "one edited file" . "$scratch/base" "$path"
edited=$last
cp "$scratch/state.cache" "$scratch/base.cache"
within "the same, contents kept" -k "$scratch/keep" . "$scratch/base" "$path"
cp "$scratch/state.cache" "$scratch/base.cache"
echo new >untracked
within "the same, and an untracked file" . "$scratch/base" "$path" untracked
rm untracked
cp "$scratch/state.cache" "$scratch/base.cache"
touch d1/e1/*
git update-index -q --refresh
within "the same, the index rewritten before the first" . "$scratch/base" "$path"
make_many "$scratch/many" "$many"
keep_many
keep_many -k "$scratch/kept"
[ "$edited" -le "$git" ]
