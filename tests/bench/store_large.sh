#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A large store, on both drivers: lists and totals with their plans, and our indexes beside those of a plain design.
#
#	RUNS=500000 EVENTS=5000000 OUT=DIR tests/bench/store_large.sh [BUILDDIR]
#
# The plans are left in OUT. A plan that reads a table from end to end, and a list over 1 ms or totals over 5 ms at
# the median, end with exit code 1.
set -eu

runs=${RUNS:-50000}
events=${EVENTS:-500000}
build=$(cd "${1:-build/release}" && pwd)
root=$(cd "$(dirname "$0")/../.." && pwd)
cluster=$root/tests/postgres_cluster.sh
large=$build/tests/bench/store_large
scratch=$(mktemp -d "${TMPDIR:-/tmp}/runwake-bench.XXXXXX")
chmod 711 "$scratch"
out=${OUT:-$scratch/out}
mkdir -p "$out"
trap 'rm -rf "$scratch"' EXIT

# Ours: name, then $1 … $N as the plan is asked for.
none="null, null, null, null, null, '2000-01-01T00:00:00.000000Z', 50, '9999-12-31T23:59:59.999999Z', 'ffffffff-ffff-ffff-ffff-ffffffffffff'"
session=00000007-0000-8000-8000-000000000000
statements="read_runs_latest '2000-01-01T00:00:00.000000Z', 50, '9999-12-31T23:59:59.999999Z', 'ffffffff-ffff-ffff-ffff-ffffffffffff'
read_runs_of_branch 'branch-7'${none#null}
read_runs_of_session null, null, null, '$session'${none#null, null, null, null}
read_runs_of_session_name null, null, null, 'session 7'${none#null, null, null, null}
read_runs_of_workflow null, null, 'workflow3'${none#null, null, null}
read_runs_of_file null, null, null, null, 'src/file123.c'${none#null, null, null, null, null}
read_runs_pending null, 'pending'${none#null, null}
read_runs_running null, 'running'${none#null, null}
read_runs_failed null, 'failed'${none#null, null}
read_runs_killed null, 'killed'${none#null, null}
read_runs_completed null, 'completed'${none#null, null}
read_totals 'day', '0001-01-01', '9999-12-31'
read_totals 'workflow', '2024-01-01', '9999-12-31'"

# ---- filling ----------------------------------------------------------------------------------
# The same in both: a run a minute; 10 repositories, 7 workflows, 4 models, 400 branches, 5,000 sessions, 9,000 files.
fill_sqlite()
{
	"$large" migrate "sqlite:$scratch/large.db"
	sqlite3 -bail "$scratch/large.db" >"$out/fill.sqlite" <<-END
	pragma synchronous = off;
	begin;
	create temp table numbers as with recursive c(n) as (values (1) union all select n + 1 from c where n < $runs) select n from c;
	insert into sessions (id, name, created_at, updated_at)
	  select printf('%08x-0000-8000-8000-000000000000', n), 'session ' || n, '2026', '2026' from numbers where n <= 5000;
	insert into sessions (id, name, created_at, updated_at) values ('00000000-0000-8000-8000-000000000000', 'session 0', '2026', '2026');
	insert into workflow_runs (id, run_id, workflow_name, ai_model, task_input, session_id, session_name, git_repo, git_branch, status,
	  created_at, started_at, updated_at, git_diff_stats, input_tokens, output_tokens, cost_estimate, own_added_lines, own_removed_lines)
	  select printf('%08x-0000-7000-8000-%012x', n, n), 'run ' || n, 'workflow' || (n % 7), 'model-' || (n / 3 % 4), 'task ' || n,
	  printf('%08x-0000-8000-8000-000000000000', n % 5000), 'session ' || (n % 5000), 'https://example.org/team/repo' || (n / 7 % 10),
	  'branch-' || (n % 400), case when n > $runs - 20 then 'running' when n % 33 = 0 then 'failed' when n % 97 = 0 then 'killed' else 'completed' end,
	  strftime('%Y-%m-%dT%H:%M:%S.000000Z', 1700000000 + n * 60, 'unixepoch'), strftime('%Y-%m-%dT%H:%M:%S.000000Z', 1700000000 + n * 60, 'unixepoch'),
	  '2026-01-01T00:00:00.000000Z', '{"files":[{"path":"src/file' || (n % 9000) || '.c"}]}', 1000, 100, 12500, 10, 2 from numbers;
	insert into workflow_run_files (workflow_run_id, path, added_lines, removed_lines, commits)
	  select id, 'src/file' || (cast(substr(run_id, 5) as integer) % 9000) || '.c', 3, 1, 1 from workflow_runs;
	insert into workflow_events (id, type, version, at, host, workflow_run_id, payload, recorded_at, folded_at)
	  with recursive e(n) as (values (1) union all select n + 1 from e where n < $events)
	  select printf('%08x-%04x-7000-8000-%012x', (1700000000000 + n * 6000) >> 16, (1700000000000 + n * 6000) & 65535, n), 'moved', 1,
	  '2026-01-01T00:00:00.000000Z', 'host', printf('%08x-0000-7000-8000-%012x', n / 10 + 1, n / 10 + 1), '{"worktree_id":"' || n || '"}',
	  '2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z' from e;
	insert into workflow_days (day, git_repo, workflow_name, ai_model, runs, completed, failed, killed, input_tokens, output_tokens,
	  cost_estimate, own_added_lines, own_removed_lines)
	  select substr(created_at, 1, 10), git_repo, workflow_name, ai_model, count(*), sum(status = 'completed'), sum(status = 'failed'),
	  sum(status = 'killed'), sum(input_tokens), sum(output_tokens), sum(cost_estimate), sum(own_added_lines), sum(own_removed_lines)
	  from workflow_runs group by 1, 2, 3, 4;
	$(totals_of_days)
	commit;
	analyze;
	END
}

fill_postgres()
{
	"$large" migrate "$url"
	ask >"$out/fill.postgres" <<-END
	insert into sessions (id, name, created_at, updated_at)
	  select cast(lpad(to_hex(n), 8, '0') || '-0000-8000-8000-000000000000' as uuid), 'session ' || n, now(), now() from generate_series(0, 5000) n;
	insert into workflow_runs (id, run_id, workflow_name, ai_model, task_input, session_id, session_name, git_repo, git_branch, status,
	  created_at, started_at, updated_at, git_diff_stats, input_tokens, output_tokens, cost_estimate, own_added_lines, own_removed_lines)
	  select cast(lpad(to_hex(n), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0') as uuid), 'run ' || n, 'workflow' || (n % 7),
	  'model-' || (n / 3 % 4), 'task ' || n, cast(lpad(to_hex(n % 5000), 8, '0') || '-0000-8000-8000-000000000000' as uuid), 'session ' || (n % 5000),
	  'https://example.org/team/repo' || (n / 7 % 10), 'branch-' || (n % 400),
	  case when n > $runs - 20 then 'running' when n % 33 = 0 then 'failed' when n % 97 = 0 then 'killed' else 'completed' end,
	  to_timestamp(1700000000 + n * 60), to_timestamp(1700000000 + n * 60), now(),
	  cast('{"files":[{"path":"src/file' || (n % 9000) || '.c"}]}' as jsonb), 1000, 100, 0.0125, 10, 2 from generate_series(1, $runs) n;
	insert into workflow_run_files (workflow_run_id, path, added_lines, removed_lines, commits)
	  select id, 'src/file' || (cast(substr(run_id, 5) as int) % 9000) || '.c', 3, 1, 1 from workflow_runs;
	insert into workflow_events (id, type, version, at, host, workflow_run_id, payload, recorded_at, folded_at)
	  select cast(lpad(to_hex((1700000000000 + n * 6000) >> 16), 8, '0') || '-' || lpad(to_hex((1700000000000 + n * 6000) & 65535), 4, '0') ||
	  '-7000-8000-' || lpad(to_hex(n), 12, '0') as uuid), 'moved', 1, now(), 'host', cast(lpad(to_hex(n / 10 + 1), 8, '0') || '-0000-7000-8000-' ||
	  lpad(to_hex(n / 10 + 1), 12, '0') as uuid), cast('{"worktree_id":"' || n || '"}' as jsonb), now(), now() from generate_series(cast(1 as bigint), $events) n;
	insert into workflow_days (day, git_repo, workflow_name, ai_model, runs, completed, failed, killed, input_tokens, output_tokens,
	  cost_estimate, own_added_lines, own_removed_lines)
	  select cast(created_at as date), git_repo, workflow_name, ai_model, count(*), count(*) filter (where status = 'completed'),
	  count(*) filter (where status = 'failed'), count(*) filter (where status = 'killed'), sum(input_tokens), sum(output_tokens),
	  sum(cost_estimate), sum(own_added_lines), sum(own_removed_lines) from workflow_runs group by 1, 2, 3, 4;
	$(totals_of_days)
	vacuum analyze;
	END
}

# The fold's own statement, for all days at once.
totals_of_days()
{
	# shellcheck disable=SC2016 # $1 is the statement's
	"$large" text postgres fold_day_totals | sed 's/^where d.day = \$1$//'
	echo ";"
}

ask()
{
	PGOPTIONS="-c timezone=UTC -c client_min_messages=warning ${options:-}" psql -X -q -v ON_ERROR_STOP=1 -h "$scratch/pg" -U postgres "$@"
}

# ---- plans ------------------------------------------------------------------------------------
plans_sqlite()
{
	local name values
	while read -r name values; do
		printf '\n== %s (%s)\n' "$name" "$values"
		{ echo "explain query plan"; "$large" text sqlite "$name"; } | sqlite3 "$scratch/large.db"
	done <<<"$statements" >"$out/plans.sqlite"
}

# As the driver's connections do, and with the plan that is made without the values, which a long-lived one has.
plans_postgres()
{
	local name values options="-c enable_seqscan=off -c jit=off"
	while read -r name values; do
		printf '\n== %s (%s)\n' "$name" "$values"
		{
			printf 'prepare q as '
			"$large" text postgres "$name"
			printf ';\n'
			for mode in force_custom_plan force_generic_plan; do
				printf 'set plan_cache_mode = %s;\nexplain (analyze, buffers) execute q(%s);\n' "$mode" "$values"
			done
		} | ask -A -t
	done <<<"$statements" >"$out/plans.postgres"
}

# ---- a plain design ---------------------------------------------------------------------------
# The same rows with an index on every column that is ever asked for, as is often done: the run's id three times, two GIN.
make_plain()
{
	ask <<-'END'
	create table plain_runs (like workflow_runs including defaults including constraints);
	alter table plain_runs add primary key (id), add unique (run_id);
	create index on plain_runs (run_id);
	create unique index on plain_runs (run_id);
	create index on plain_runs (session_id);
	create index on plain_runs (status);
	create index on plain_runs (workflow_name);
	create index on plain_runs (created_at desc);
	create index on plain_runs (user_id);
	create index on plain_runs (git_branch);
	create index on plain_runs (workspace_id);
	create index on plain_runs using gin (metadata);
	create index on plain_runs using gin (git_diff_stats);
	insert into plain_runs select * from workflow_runs;
	vacuum analyze plain_runs;
	END
}

# NAME STATEMENT: milliseconds and megabytes of the write-ahead log
written()
{
	local before after ms
	ask -c checkpoint
	before=$(ask -At -c "select pg_current_wal_lsn()")
	ms=$(ask -At -c "explain (analyze) $2" | sed -n 's/^Execution Time: \(.*\) ms/\1/p')
	after=$(ask -At -c "select pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), '$before'))")
	printf '%-44s %10.0f ms %10s\n' "$1" "$ms" "$after"
}

# NAME STATEMENT: the median of nine
asked()
{
	for _ in 1 2 3 4 5 6 7 8 9; do
		ask -At -c "explain (analyze) $2" | sed -n 's/^Execution Time: \(.*\) ms/\1/p'
	done | sort -n | sed -n 5p | xargs printf '%-44s %10.3f ms\n' "$1"
}

compare()
{
	local table branch new="id, run_id, workflow_name, ai_model, task_input, session_id, session_name, git_repo, git_branch, status, created_at, git_diff_stats"
	for table in plain_runs workflow_runs; do
		branch=git_branch
		[ "$table" = plain_runs ] || branch="left(git_branch, 500)"
		written "$table: 20,000 runs inserted" "insert into $table ($new) select gen_random_uuid(), 'new ' || run_id, workflow_name, ai_model, task_input,
			session_id, session_name, git_repo, git_branch, 'completed', now(), git_diff_stats from workflow_runs order by created_at desc limit 20000"
		written "$table: their tokens updated" "update $table set input_tokens = 7, output_tokens = 9, updated_at = now() where run_id like 'new run%'"
		asked "$table: latest 50" "select * from $table order by created_at desc limit 50"
		asked "$table: latest 50 of a branch" "select * from $table where $branch = 'branch-7' order by created_at desc limit 50"
		asked "$table: latest 50 of a session" "select * from $table where session_id = '$session' order by created_at desc limit 50"
		asked "$table: latest 50 of a workflow" "select * from $table where workflow_name = 'workflow3' order by created_at desc limit 50"
		asked "$table: latest 50 that failed" "select * from $table where status = 'failed' order by created_at desc limit 50"
	done
	asked "plain_runs: that changed a file" "select * from plain_runs where git_diff_stats @> '{\"files\":[{\"path\":\"src/file123.c\"}]}' order by created_at desc limit 50"
	asked "plain_runs: totals by day" "select cast(created_at as date), count(*), sum(input_tokens), sum(cost_estimate) from plain_runs group by 1"
	ask -At -F ' ' -c "select relname, pg_size_pretty(pg_indexes_size(oid)) as indexes from pg_class where relname in ('plain_runs', 'workflow_runs') order by 1" |
		sed 's/ /: indexes, /'
}

# ---- judging ----------------------------------------------------------------------------------
failed=0
judge() # DRIVER
{
	tee "$out/times.$1" | awk '{ print } NR > 1 { most = /total|last 30/ ? 5000 : 1000; if ($(NF - 1) > most) { print "over the budget: " $0; over = 1 } } END { exit over }'
}

echo "SQLite, $runs runs and $events events"
fill_sqlite
"$large" measure "sqlite:$scratch/large.db" | judge sqlite || failed=1
plans_sqlite
! grep -E '^[|` -]*SCAN (r|f|workflow_)' "$out/plans.sqlite" || failed=1

if ! "$cluster" is-there; then
	echo "no PostgreSQL server is installed"
	exit "$failed"
fi
"$cluster" make "$scratch/pg" shared_buffers=512MB max_wal_size=4GB
trap '"$cluster" stop "$scratch/pg"; rm -rf "$scratch"' EXIT
url="postgresql:///postgres?host=$scratch/pg&user=postgres"
echo "PostgreSQL, $runs runs and $events events"
fill_postgres
"$large" measure "$url" | judge postgres || failed=1
plans_postgres
! grep -E 'Seq Scan' "$out/plans.postgres" || failed=1
make_plain
compare | tee "$out/compared"
exit "$failed"
