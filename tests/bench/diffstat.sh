#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What a diff between two commits costs, ours against `git diff --numstat`:  tests/bench/diffstat.sh [BUILDDIR]
#
#	a	a repository of 100,000 files, a commit that edits one of them
#	b	a change of 1,000 files
#
# Whole processes, interleaved, medians of 21 rounds: git's, and tool_diffstat's, a good part of which is the start
# of libgit2 with its TLS library. A recorder pays that once. So the other figures are what diffs take within a
# process: the first, with that start and git's settings read, and the fastest. The ratio is the fastest to git's.
set -u

root=$(cd "$(dirname "$0")/../.." && pwd)
tool=$(cd "${1:-$root/build/release}" && pwd)/tests/e2e/tool_diffstat
rounds=${ROUNDS:-21}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
export HOME=$scratch LC_ALL=C GIT_CONFIG_SYSTEM=/dev/null GIT_CONFIG_GLOBAL=/dev/null
unset XDG_CONFIG_HOME

make_repository() # DIR FILES CHANGED-FILES LINES
{
	git init -q -b main "$1"
	awk -v files="$2" -v changed="$3" -v lines="$4" '
	function content(file, extra,  text, i) {
		for (i = 0; i < lines; i++)
			text = text "line " i " of file " file "\n"
		return text extra
	}
	function put(file, extra) {
		printf "M 100644 inline d%d/e%d/f%d\ndata <<END\n%sEND\n\n", file % 50, int(file / 50) % 20, file, content(file, extra)
	}
	BEGIN {
		print "commit refs/heads/main\ncommitter A <a@example.org> 1700000000 +0000\ndata 1\nx"
		for (i = 0; i < files; i++)
			put(i, "")
		print "commit refs/heads/main\ncommitter A <a@example.org> 1700000001 +0000\ndata 1\ny"
		for (i = 0; i < changed; i++)
			put(i * int(files / changed), "more\nand more\n")
	}' | git -C "$1" fast-import --quiet
	git -C "$1" reset -q --mixed
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

compare() # NAME DIR
{
	local from to i git ours first fastest line
	from=$(git -C "$2" rev-parse main~)
	to=$(git -C "$2" rev-parse main)
	: >"$scratch/git"
	: >"$scratch/ours"
	for ((i = 0; i < rounds; i++)); do
		microseconds_of git -C "$2" diff --numstat "$from" "$to" >>"$scratch/git"
		microseconds_of "$tool" "$2" "$from" "$to" >>"$scratch/ours"
	done
	git=$(median <"$scratch/git")
	ours=$(median <"$scratch/ours")
	line=$("$tool" "$2" "$from" "$to" "$rounds" 2>&1 >/dev/null | tail -n 1)
	read -r _ first _ _ fastest _ <<<"$line"
	awk -v name="$1" -v git="$git" -v ours="$ours" -v first="$first" -v fastest="$fastest" 'BEGIN {
		printf "%-30s git %7.2f ms  tool %7.2f ms  within a process: first %7.2f ms, fastest %7.2f ms, ratio %.3f\n",
		    name, git / 1000, ours / 1000, first / 1000, fastest / 1000, fastest / git }'
}

make_repository "$scratch/a" 100000 1 3
compare "a: 100,000 files, one edited" "$scratch/a"
make_repository "$scratch/b" 5000 1000 120
compare "b: 1,000 files edited" "$scratch/b"
