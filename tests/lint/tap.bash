# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# For the lint scripts: a check prints what is wrong, and silence is a pass.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
# git keeps no empty directory, so a room may be missing.
PROGRAM_ROOMS=()
for room in lib cli hooks watcher remote; do
	[ ! -d "$room" ] || PROGRAM_ROOMS+=("$room")
done
LINT_COUNT=0
LINT_FAILED=0

lint() # NAME COMMAND [ARG…]
{
	local name=$1 found
	shift
	LINT_COUNT=$((LINT_COUNT + 1))
	found=$("$@" 2>&1)
	if [ -z "$found" ]; then
		printf 'ok %d - %s\n' "$LINT_COUNT" "$name"
	else
		LINT_FAILED=$((LINT_FAILED + 1))
		printf 'not ok %d - %s\n' "$LINT_COUNT" "$name"
		printf '%s\n' "$found" | sed 's/^/#   /'
	fi
}

lint_skip() # NAME WHY
{
	LINT_COUNT=$((LINT_COUNT + 1))
	printf 'ok %d - %s # SKIP %s\n' "$LINT_COUNT" "$1" "$2"
}

end_lint()
{
	printf '1..%d\n' "$LINT_COUNT"
	[ "$LINT_FAILED" -eq 0 ]
	exit
}

# The tree's files of these patterns, also where it is no git repository (a released archive).
tree_files() # PATTERN…
{
	local pattern
	for pattern; do
		find .ci migrations tests "${PROGRAM_ROOMS[@]}" -type f -name "$pattern"
		find . -maxdepth 1 -type f -name "$pattern"
	done | sed 's|^\./||' | sort -u
}
