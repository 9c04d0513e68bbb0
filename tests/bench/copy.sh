#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A record of 100,000 events that moves from a file to a server that syncs to this disk, and back.
set -eu

build=${1:-build/release}
root=$(cd "$(dirname "$0")/../.." && pwd)
"$root/tests/postgres_cluster.sh" is-there || { echo "no PostgreSQL server is installed"; exit 0; }
scratch=$(mktemp -d "${TMPDIR:-/tmp}/runwake-bench.XXXXXX")
chmod 711 "$scratch"
trap '"$root/tests/postgres_cluster.sh" stop "$scratch/pg"; rm -rf "$scratch"' EXIT
"$root/tests/postgres_cluster.sh" make "$scratch/pg" fsync=on full_page_writes=on
"$build/tests/bench/copy" "$scratch" "postgresql:///postgres?host=$scratch/pg&user=postgres" "${EVENTS:-100000}"
