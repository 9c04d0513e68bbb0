#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The installed hook programs: static where the archives are, so nothing that they need can be missing; not writable, so
# no tool writes its hook through the link that is in its place; git's six and those of agents' clients, each knowing its
# name.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"
# shellcheck source=tests/e2e/hooks_common.bash
. "$(dirname "$0")/hooks_common.bash"

is_static()
{
	! readelf -d "$1" 2>/dev/null | grep -q NEEDED
}

needs_static()
{
	needs readelf "${CC:-cc}"
	readelf -d "$PREFIX/bin/runwake" | grep -qE 'lib(asan|ubsan)' && skip "sanitizers are not static"
	echo 'int main(void){return 0;}' | "${CC:-cc}" -x c - -static -o /dev/null -ljansson -luuid 2>/dev/null ||
		skip "the static archives are not installed"
}

all_are_there()
{
	expect_eq "programs" "$(find "$PROGRAMS" -type f -printf '%f %m\n' | LC_ALL=C sort)" "$(
		printf '%s 555\n' "${HOOK_NAMES[@]}" "${AGENT_HOOK_NAMES[@]}" | LC_ALL=C sort)"
}

all_are_static()
{
	local name
	needs_static
	for name in "${HOOK_NAMES[@]}" "${AGENT_HOOK_NAMES[@]}"; do
		is_static "$PROGRAMS/$name" || fail "$name: $(readelf -d "$PROGRAMS/$name")"
	done
}

no_store_no_git()
{
	local name
	needs readelf
	for name in "${HOOK_NAMES[@]}" "${AGENT_HOOK_NAMES[@]}"; do
		readelf -d "$PROGRAMS/$name" | grep -E 'lib(git2|sqlite3|pq|ssl|crypto|curl)' && fail "$name needs what hooks must not"
	done
	return 0
}

# With nothing around it, not even a C library.
runs_in_an_empty_root()
{
	needs_static
	[ "$(id -u)" -eq 0 ] || skip "only root may change its root directory"
	mkdir -p "$T/empty"
	cp "$PROGRAMS/post-commit" "$T/empty/post-commit"
	chroot "$T/empty" /post-commit
	RUNWAKE_PROBE=word chroot "$T/empty" /post-commit 2>"$T/err"
	expect_match "the answer" "$(cat "$T/err")" '^runwake-probe post-commit word '
}

each_knows_its_name()
{
	local name
	new_repo "$T/names"
	runwake install "$T/names"
	cd "$T/names"
	for name in "${HOOK_NAMES[@]}"; do
		RUNWAKE_PROBE=asked git hook run "$name" 2>"$T/err"
		expect_match "$name" "$(cat "$T/err")" "^runwake-probe $name asked [0-9.]+$"
	done
	for name in "${AGENT_HOOK_NAMES[@]}"; do
		RUNWAKE_PROBE=asked "$PROGRAMS/$name" 2>"$T/err" </dev/null
		expect_match "$name" "$(cat "$T/err")" "^runwake-probe $name asked [0-9.]+$"
	done
	expect_eq "what a probe leaves" "$(find "$STATE/spool/in" -type f 2>/dev/null)" ""
}

t "all programs are there, and cannot be written to" all_are_there
t "they are static" all_are_static
t "they need no store and no git" no_store_no_git
t "one runs in an empty root" runs_in_an_empty_root
t "each knows its name" each_knows_its_name
end_tests
