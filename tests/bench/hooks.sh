#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What a post-commit hook takes as a whole process, from before its fork to after its wait, beside other tools' hooks.
# The repository has 10,000 reflog lines and each run of our hook finds one new line; the store has 0, 1,000 and
# 100,000 runs. All programs of a table take turns. "recorder at work": another recorder holds the lock, as in a burst of commits,
# so the hook starts none; "starts one": it does whenever none is there, and that one runs beside whatever comes next.
# Budget: with a recorder at work at most 1.4 times an empty C program, whatever the store holds.
# shellcheck source=tests/e2e/harness.sh disable=SC2164
. "$(dirname "$0")/../e2e/harness.sh"
set -e

ROUNDS=${ROUNDS:-500}
SLOW_ROUNDS=${SLOW_ROUNDS:-25}
BENCH=$BUILD/tests/bench
REPO=$T/project
LOG=$REPO/.git/logs/HEAD
HOOK=$REPO/.git/hooks/post-commit

make_repository()
{
	new_repo "$REPO"
	awk 'BEGIN { for (i = 1; i <= 10000; i++)
		printf "%040x %040x Ann Example <ann@example.org> %d +0000\tcommit: number %d\n", i, i + 1, 1700000000 + i, i }' >>"$LOG"
	runwake install "$REPO" >/dev/null
	runwake record
}

seed_runs() # COUNT; as many in all
{
	sqlite3 "$STATE/runwake.db" "
		with recursive n(i) as (select 1 union all select i + 1 from n where i < $1)
		insert or ignore into workflow_runs (id, run_id, workflow_name, task_input, status, created_at, updated_at)
		select printf('00000000-0000-7000-8000-%012x', i), printf('run-%d', i), 'implement', 'A task of some length',
		    'completed', printf('2026-01-01T00:%02d:%02d.%06dZ', i / 60 % 60, i % 60, i), '2026-01-02T00:00:00.000000Z' from n;"
}

measure() # TITLE SPOOL ROUNDS PROGRAM…
{
	local title=$1 spool=$2 rounds=$3
	shift 3
	printf '\n%s\n' "$title"
	"$BENCH/spawn_time" "$rounds" "$REPO" "$LOG" "$spool" "$@" | tee "$T/table"
}

is_within_budget()
{
	awk '$1 == "runwake" && $NF > 1.4 { print "over the budget of 1.4: " $NF; over = 1 } END { exit over }' "$T/table"
}

# Each tool's own post-commit hook, as it installs it, moved to a place of its own.
tools=()
add_tool() # NAME COMMAND…
{
	local name=$1
	shift
	rm -f "$HOOK"
	(cd "$REPO" && "$@") >/dev/null 2>&1 && [ -x "$HOOK" ] && mkdir -p "$T/hooks-of/$name" &&
		mv "$HOOK" "$T/hooks-of/$name/post-commit" && tools+=("$name=$T/hooks-of/$name/post-commit") ||
		echo "$name: not measured"
}

add_tools()
{
	# Some write through a link that is in their way: ours go first, and come back.
	runwake install --uninstall "$REPO" >/dev/null
	printf 'post-commit:\n  commands: { nothing: { run: "true" } }\n' >"$REPO/lefthook.yml"
	cat >"$REPO/.pre-commit-config.yaml" <<-'CONFIG'
		repos:
		  - repo: local
		    hooks: [ { id: nothing, name: nothing, language: system, entry: "true", always_run: true, stages: [post-commit] } ]
	CONFIG
	add_tool git-lfs git lfs install --local --force
	add_tool pre-commit pre-commit install -t post-commit
	mkdir -p "$T/npm"
	if (cd "$T/npm" && npm init -y && timeout 120 npm install --silent lefthook) >/dev/null 2>&1; then
		export PATH=$T/npm/node_modules/.bin:$PATH
		add_tool lefthook lefthook install
	else
		echo "lefthook: not measured"
	fi
	runwake install "$REPO" >/dev/null
	[ -L "$HOOK" ]
}

status=0
make_repository
nproc | sed 's/$/ processors/'
sed 's/ .*/ load/' /proc/loadavg
for runs in 0 1000 100000; do
	[ "$runs" -eq 0 ] || seed_runs "$runs"
	measure "$runs runs, recorder at work" "$STATE/spool" "$ROUNDS" empty="$BENCH/empty" empty-static="$BENCH/empty_static" \
	    +runwake="$HOOK"
	is_within_budget || status=1
	runwake record
	measure "$runs runs, starts one" - "$ROUNDS" empty="$BENCH/empty" empty-static="$BENCH/empty_static" +runwake="$HOOK"
	wait_until 60 is_settled
done
lines=$(($(wc -l <"$LOG") - 10001))
printf '\n%d new lines, %d movements recorded\n' "$lines" "$(in_store 'select count(*) from workflow_movements where implied = 0')"
[ "$lines" -eq "$(in_store 'select count(*) from workflow_movements where implied = 0')" ] || status=1
add_tools
measure "100000 runs, beside other tools" "$STATE/spool" "$SLOW_ROUNDS" empty="$BENCH/empty" +runwake="$HOOK" "${tools[@]}"
exit "$status"
