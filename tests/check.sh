#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Sets everything up and runs every test, on a machine that may have nothing yet, not even make:
#
#	tests/check.sh [--no-install]
#
# Installs what the tests need (apt, with sudo where not root; elsewhere it names what is missing and stops),
# builds with gcc and with clang where a warning is an error, and runs:
#	gcc, as released:	lint, unit, fault and end-to-end tests (the hooks under valgrind are among them)
#	gcc with AddressSanitizer and UndefinedBehaviorSanitizer:	unit and fault tests
# Reads nothing from standard input. The last line is the sum: `N passed, N failed`.
set -u
cd "$(dirname "$0")/.." || exit 1

# package, and the program that shows it is there (a library: its pkg-config name after a colon, a header after a slash)
needs='
gcc gcc
libc6-dev /usr/include/stdio.h
make make
pkg-config pkg-config
libjansson-dev :jansson
uuid-dev :uuid
libgit2-dev :libgit2
libsqlite3-dev :sqlite3
libpq-dev :libpq
libcurl4-openssl-dev :libcurl
git git
libcmocka-dev :cmocka
clang clang
valgrind valgrind
strace strace
shellcheck shellcheck
jq jq
sqlite3 sqlite3
postgresql /usr/lib/postgresql/*/bin/initdb
pgbouncer /usr/sbin/pgbouncer
libpg-query-dev /usr/include/pg_query.h
openssl openssl
git-lfs git-lfs
pre-commit pre-commit
mandoc mandoc
faketime faketime
binutils readelf
procps ps
'

say()
{
	printf '\n== %s\n' "$*"
}

stop_with() # MESSAGE; what could not even be tried counts as one failure
{
	printf 'tests/check.sh: %s\n\n' "$1" >&2
	echo "0 passed, 1 failed"
	exit 1
}

is_there() # SIGN
{
	case $1 in
	:*)	pkg-config --exists "${1#:}" 2>/dev/null ;;
	/*)	compgen -G "$1" >/dev/null ;;
	*)	command -v "$1" >/dev/null ;;
	esac
}

missing_packages()
{
	local package sign
	while read -r package sign; do
		[ -z "$package" ] || is_there "$sign" || printf '%s ' "$package"
	done <<<"$needs"
}

install_missing()
{
	local missing
	local -a as_root=()
	missing=$(missing_packages)
	[ -n "$missing" ] || return 0
	say "Installing: $missing"
	[ "${1:-}" != --no-install ] || stop_with "not installed: $missing"
	command -v apt-get >/dev/null || stop_with "install these first (Debian's names): $missing"
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null || stop_with "run as root, or install these first: $missing"
		as_root=(sudo)
	fi
	# shellcheck disable=SC2086
	"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive sh -c 'apt-get update -q && apt-get install -y -q --no-install-recommends "$@"' \
	    sh $missing </dev/null >/tmp/runwake-check-apt.$$ 2>&1 || {
		tail -n 30 "/tmp/runwake-check-apt.$$"
		stop_with "apt-get could not install: $missing"
	}
	rm -f "/tmp/runwake-check-apt.$$"
	# The packages may have started servers of their own; the tests start theirs.
	if [[ " $missing" = *" pgbouncer "* ]] && command -v service >/dev/null; then
		"${as_root[@]}" service pgbouncer stop >/dev/null 2>&1 || :
	fi
	if [[ " $missing" = *" postgresql "* ]] && command -v pg_lsclusters >/dev/null; then
		pg_lsclusters -h | while read -r version cluster _; do
			"${as_root[@]}" pg_ctlcluster "$version" "$cluster" stop >/dev/null 2>&1 || :
		done
	fi
}

build() # VARIANT CC TARGET…
{
	local variant=$1 cc=$2
	shift 2
	say "Building with $cc into build/$variant: $*"
	make -j2 DEV=1 VARIANT="$variant" CC="$cc" "$@" </dev/null >"build/$variant.log" 2>&1 || {
		grep -vE '^  (CC|AR|LINK|GEN|EMBED) ' "build/$variant.log" | tail -n 60
		stop_with "$cc does not build $variant; the whole output is in build/$variant.log"
	}
}

passed=0 failed=0 skipped=0
run() # VARIANT KIND…
{
	local p f s
	say "Tests of build/$1:${*:2}"
	tests/run.sh "$@" </dev/null
	if read -r p f s 2>/dev/null <"build/$1/test-results/total"; then
		passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	else
		failed=$((failed + 1))
	fi
}

install_missing "$@"
mkdir -p build
# The real client, where npm can have it; the test that wraps it says so where it is not there.
[ "${1:-}" = --no-install ] || ! command -v npm >/dev/null || timeout 300 make -s claude-code </dev/null >build/claude-code.log 2>&1 || :
rm -rf build/check-*/test-results
# For its warnings: what it makes is not run.
build check-clang clang OPT=-O0 all unit fault tools
build check-gcc gcc all unit fault tools
build check-asan gcc unit fault
run check-gcc e2e lint fault unit
run check-asan fault unit

say "All of it"
if [ "$skipped" -gt 0 ]; then
	echo "$passed passed, $failed failed, $skipped skipped"
else
	echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
