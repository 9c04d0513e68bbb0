#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# 32 writers and 2 recorders on one spool, killed at random all the time: what was accepted is recorded, what was
# refused is not, nothing is torn; also where the spool's disk is full. Runs alone: it wants the machine.
#
#	tests/e2e/spool_storm.sh [BUILDDIR]		STORM_SECONDS=6: each of the two
set -u
build=${1:-build/release}
storm=$build/tests/e2e/tool_spool_storm
seconds=${STORM_SECONDS:-6}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/runwake-storm.XXXXXX") || exit 1
count=0
failed=0

clean_up()
{
	umount "$scratch/full" 2>/dev/null
	rm -rf "$scratch"
}
trap clean_up EXIT

is() # NAME EXPRESSION; the variables are the storm's numbers
{
	count=$((count + 1))
	if (($2)); then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1 ($2)"
		failed=1
	fi
}

skip() # NAME WHY
{
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# Sets accepted, refused, recorded, lost, undead, torn, batches, redelivered, quarantined.
rage() # SPOOL STORE TEXT-BYTES [BALLAST]
{
	local name number output
	accepted=0 refused=0 recorded=0 lost=-1 undead=-1 torn=-1 batches=0 redelivered=0 quarantined=0
	output=$("$storm" "$1" "$2" "$seconds" 32 2 "${@:3}" 2>&1)
	while IFS='=' read -r name number; do
		case $name in
		accepted|refused|recorded|lost|undead|torn|batches|redelivered|quarantined)	printf -v "$name" %d "$number" ;;
		*)	echo "# $name${number:+=$number}" ;;
		esac
	done <<<"$output"
	echo "# accepted $accepted, refused $refused, recorded $recorded, lost $lost, undead $undead, torn $torn," \
	    "$batches batches, redelivered $redelivered, quarantined $quarantined"
}

rage "$scratch/state/spool" "$scratch/store" 262144
is "the storm was one" "accepted > 500 && batches > 10"
is "every accepted event is recorded" "lost == 0"
is "no refused event is recorded" "undead == 0"
is "every recorded event is as it was written" "torn == 0"
is "what more is recorded is what killed writers could not tell of" "recorded - accepted <= 500 * seconds + 32"

mkdir "$scratch/full"
if mount -t tmpfs -o size=3m,mode=700 none "$scratch/full" 2>/dev/null; then
	# Half of it is taken by somebody else, who makes room when the storm is over.
	head -c 1500000 /dev/zero >"$scratch/full/ballast"
	rage "$scratch/full/spool" "$scratch/store-full" 262144 "$scratch/full/ballast"
	is "full disk: some events were refused" "refused > 0"
	is "full disk: and some accepted" "accepted > 100"
	is "full disk: every accepted event is recorded" "lost == 0"
	is "full disk: no refused event is recorded" "undead == 0"
	is "full disk: every recorded event is as it was written" "torn == 0"
	umount "$scratch/full"
else
	skip "full disk" "mount is not permitted here"
fi

echo "1..$count"
exit "$failed"
