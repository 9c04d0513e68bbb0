#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# PostgreSQL: events a second, in batches and one by one, on this disk and on a slow one; the latest 50 of 500,000 runs.
set -eu

build=${1:-build/release}
root=$(cd "$(dirname "$0")/../.." && pwd)
cluster=$root/tests/postgres_cluster.sh
"$cluster" is-there || { echo "no PostgreSQL server is installed"; exit 0; }
build=$(cd "$build" && pwd)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/runwake-bench.XXXXXX")
chmod 711 "$scratch"
trap '"$cluster" stop "$scratch/pg"; rm -rf "$scratch"' EXIT
"$cluster" make "$scratch/pg" fsync=on full_page_writes=on
url="postgresql:///postgres?host=$scratch/pg&user=postgres"

sync_cost() # of the disk that the server writes to
{
	dd if=/dev/zero of="$scratch/sync" bs=8k count=200 oflag=dsync 2>&1 | awk '/copied/ { printf "%.2f", $(NF - 3) * 1000 / 200 }'
	rm -f "$scratch/sync"
}

echo "this disk: 8 kB written and synced in $(sync_cost) ms"
"$build/tests/bench/store_postgres" ledger "$url" 1
"$cluster" stop "$scratch/pg"
echo "with ${SLOW_SYNC_US:-4000} microseconds more for each sync, as on a disk that is reached over a network:"
# The server runs as another user, who may not read the build directory.
cp "$build/tests/bench/slow_sync.so" "$scratch/slow_sync.so"
LD_PRELOAD=$scratch/slow_sync.so SLOW_SYNC_US=${SLOW_SYNC_US:-4000} "$cluster" start "$scratch/pg"
"$build/tests/bench/store_postgres" ledger "$url" 2
"$cluster" stop "$scratch/pg"
"$cluster" start "$scratch/pg"
"$build/tests/bench/store_postgres" all "$url" "${RUNS:-500000}"
