#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Pages of a long conversation in a large store, on both drivers: one session of 2,000 runs, spread over all the time, a commit
# in each, a push in each tenth, and 20,000 messages; every other run has a commit, too.
#
#	RUNS=500000 tests/bench/store_chat.sh [BUILDDIR]
#
# A page that takes more than 9 ms at best ends with exit code 1. The plans of the statements that ask each run are printed.
set -eu

runs=${RUNS:-50000}
build=$(cd "${1:-build/release}" && pwd)
root=$(cd "$(dirname "$0")/../.." && pwd)
cluster=$root/tests/postgres_cluster.sh
large=$build/tests/bench/store_large
scratch=$(mktemp -d "${TMPDIR:-/tmp}/runwake-bench.XXXXXX")
chmod 711 "$scratch"
trap 'rm -rf "$scratch"' EXIT
session=11111111-0000-8000-8000-000000000000
step=$((runs / 2000))
pace=$((50000000 / runs)) # seconds between two runs, from November 2023 on

fill_sqlite()
{
	sqlite3 -bail "$scratch/large.db" <<-END
	pragma synchronous = off;
	begin;
	create temp table numbers as with recursive c(n) as (values (1) union all select n + 1 from c where n < $runs) select n from c;
	insert into sessions (id, name, created_at, updated_at) values ('$session', 'long', '2026', '2026');
	insert into workflow_runs (id, run_id, workflow_name, task_input, session_id, status, created_at, started_at, completed_at, updated_at, start_event_id)
	  select printf('%08x-0000-7000-8000-%012x', n, n), 'run ' || n, 'w', 'task', case when n % $step = 0 then '$session' end, 'completed',
	  strftime('%Y-%m-%dT%H:%M:%S.000000Z', 1700000000 + n * $pace, 'unixepoch'), strftime('%Y-%m-%dT%H:%M:%S.000000Z', 1700000000 + n * $pace, 'unixepoch'),
	  strftime('%Y-%m-%dT%H:%M:%S.000000Z', 1700000050 + n * $pace, 'unixepoch'), '2026-01-01T00:00:00.000000Z', 'x' from numbers;
	insert into workflow_movements (id, repository_id, worktree_id, git_dir, common_dir, old_hash, new_hash, kind, line_name, line_email, line_time,
	  line_zone, earliest_at, latest_at, observed_at, examined, moved_at, verdict, commit_kind, workflow_run_id, run_evidence)
	  select printf('%08x-1111-8000-8000-%012x', n, n), 'r', 'w', '/r/.git', '/r/.git', printf('%040x', n - 1), printf('%040x', n), 'commit', 'A', 'a@x',
	  1700000020 + n * $pace, '+0000', '2023', '2023', '2023', 1, strftime('%Y-%m-%dT%H:%M:%S.000000Z', 1700000020 + n * $pace, 'unixepoch'), 'made', 'commit',
	  printf('%08x-0000-7000-8000-%012x', n, n), 'env' from numbers;
	insert into workflow_pushes (id, repository_id, tracking_ref, old_hash, new_hash, intended_at, claimed_run_id, workflow_run_id, run_evidence)
	  select printf('%08x-2222-8000-8000-%012x', n, n), 'r', 'refs/remotes/origin/main', printf('%040x', n - 1), printf('%040x', n),
	  strftime('%Y-%m-%dT%H:%M:%S.000000Z', 1700000030 + n * $pace, 'unixepoch'), printf('%08x-0000-7000-8000-%012x', n, n),
	  printf('%08x-0000-7000-8000-%012x', n, n), 'env' from numbers where n % 10 = 0 or n % ($step * 10) = 0;
	insert into messages (id, session_id, role, text_content, message_type, created_at, updated_at)
	  select printf('%08x-3333-8000-8000-%012x', n, n), '$session', 'assistant', 'message ' || n, 'answer',
	  strftime('%Y-%m-%dT%H:%M:%S.000000Z', 1700000001 + n * 2500, 'unixepoch'), '2026-01-01T00:00:00.000000Z' from numbers where n <= 20000;
	commit;
	analyze;
	END
}

ask()
{
	PGOPTIONS="-c timezone=UTC -c client_min_messages=warning ${options:-}" psql -X -q -v ON_ERROR_STOP=1 -h "$scratch/pg" -U postgres "$@"
}

id() # the letters of its kind: of the row n
{
	printf "cast(lpad(to_hex(n), 8, '0') || '-%s-8000-8000-' || lpad(to_hex(n), 12, '0') as uuid)" "$1"
}

fill_postgres()
{
	ask <<-END
	insert into sessions (id, name, created_at, updated_at) values ('$session', 'long', now(), now());
	insert into workflow_runs (id, run_id, workflow_name, task_input, session_id, status, created_at, started_at, completed_at, updated_at, start_event_id)
	  select $(id 0000), 'run ' || n, 'w', 'task', case when n % $step = 0 then cast('$session' as uuid) end, 'completed',
	  to_timestamp(1700000000 + n * $pace), to_timestamp(1700000000 + n * $pace), to_timestamp(1700000050 + n * $pace), now(), $(id 0000)
	  from generate_series(1, $runs) n;
	insert into workflow_movements (id, repository_id, worktree_id, git_dir, common_dir, old_hash, new_hash, kind, line_name, line_email, line_time,
	  line_zone, earliest_at, latest_at, observed_at, examined, moved_at, verdict, commit_kind, workflow_run_id, run_evidence)
	  select $(id 1111), '$session', '$session', '/r/.git', '/r/.git', lpad(to_hex(n - 1), 40, '0'), lpad(to_hex(n), 40, '0'), 'commit', 'A', 'a@x',
	  1700000020 + n * $pace, '+0000', now(), now(), now(), true, to_timestamp(1700000020 + n * $pace), 'made', 'commit', $(id 0000), 'env'
	  from generate_series(1, $runs) n;
	insert into workflow_pushes (id, repository_id, tracking_ref, old_hash, new_hash, intended_at, claimed_run_id, workflow_run_id, run_evidence)
	  select $(id 2222), '$session', 'refs/remotes/origin/main', lpad(to_hex(n - 1), 40, '0'), lpad(to_hex(n), 40, '0'),
	  to_timestamp(1700000030 + n * $pace), $(id 0000), $(id 0000), 'env' from generate_series(1, $runs) n where n % 10 = 0 or n % ($step * 10) = 0;
	insert into messages (id, session_id, role, text_content, message_type, created_at, updated_at)
	  select $(id 3333), '$session', 'assistant', 'message ' || n, 'answer', to_timestamp(1700000001 + n * 2500), now() from generate_series(1, 20000) n;
	vacuum analyze;
	END
}

nil=00000000-0000-0000-0000-000000000000
plans="read_chat_commits_before '$session', '2024-06-01', 0, '$nil', 51, '0001-01-01', '2024-05-31'
read_chat_commits_after '$session', '2024-06-01', 0, '$nil', 51, '0001-01-01', '2024-06-02'
read_chat_pushes_before '$session', '2024-06-01', '$nil', 51, '2024-05-31'
read_chat_pushes_after '$session', '2024-06-01', '$nil', 51, '2024-06-02'"

plans_sqlite()
{
	local name values
	while read -r name values; do
		printf '== %s\n' "$name"
		{ echo "explain query plan"; "$large" text sqlite "$name"; } | sqlite3 "$scratch/large.db"
	done <<<"$plans"
}

plans_postgres() # as the driver's connections do, and with the plan that is made without the values
{
	local name values options="-c enable_seqscan=off -c jit=off"
	while read -r name values; do
		printf '== %s\n' "$name"
		{
			printf 'prepare q as '
			"$large" text postgres "$name"
			printf ';\nset plan_cache_mode = force_generic_plan;\nexplain (analyze, buffers) execute q(%s);\n' "$values"
		} | ask -A -t
	done <<<"$plans"
}

judge()
{
	awk '{ print } /found/ { next } $(NF - 2) ~ /^[0-9]+$/ && $(NF - 2) > 9000 { print "over the budget: " $0; over = 1 } END { exit over }'
}

failed=0
echo "SQLite, $runs runs"
"$large" migrate "sqlite:$scratch/large.db"
fill_sqlite >/dev/null
"$large" chat "sqlite:$scratch/large.db" "$session" | judge || failed=1
plans_sqlite
if ! "$cluster" is-there; then
	echo "no PostgreSQL server is installed"
	exit "$failed"
fi
"$cluster" make "$scratch/pg" shared_buffers=512MB max_wal_size=4GB
trap '"$cluster" stop "$scratch/pg"; rm -rf "$scratch"' EXIT
url="postgresql:///postgres?host=$scratch/pg&user=postgres"
echo "PostgreSQL, $runs runs"
"$large" migrate "$url"
fill_postgres
"$large" chat "$url" "$session" | judge || failed=1
plans_postgres
exit "$failed"
