#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A record of EVENTS events that moves from a file to a server that syncs to this disk, and back. DELAY: the server is so
# many milliseconds away, each way.
set -eu

build=${1:-build/release}
root=$(cd "$(dirname "$0")/../.." && pwd)
"$root/tests/postgres_cluster.sh" is-there || { echo "no PostgreSQL server is installed"; exit 0; }
scratch=$(mktemp -d "${TMPDIR:-/tmp}/runwake-bench.XXXXXX")
chmod 711 "$scratch"
trap '"$root/tests/postgres_cluster.sh" stop "$scratch/pg"; kill "${proxy:-}" 2>/dev/null || :; rm -rf "$scratch"' EXIT
"$root/tests/postgres_cluster.sh" make "$scratch/pg" fsync=on full_page_writes=on
host=$scratch/pg
if [ -n "${DELAY:-}" ]; then
	host=$scratch/far
	mkdir "$host"
	echo "slow $DELAY" >"$scratch/mode"
	"$build/tests/e2e/tool_postgres_proxy" "$scratch/pg/.s.PGSQL.5432" "$host/.s.PGSQL.5432" "$scratch/mode" "$scratch/log" &
	proxy=$!
	until grep -qs listening "$scratch/log"; do :; done
fi
"$build/tests/bench/copy" "$scratch" "postgresql:///postgres?host=$host&user=postgres" "${EVENTS:-100000}"
