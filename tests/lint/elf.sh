#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What the built programs depend on: a hook that drags a database or libgit2 along would make git wait for it.
# shellcheck source=tests/lint/tap.bash
. "$(dirname "$0")/tap.bash"

build=${1:-build/release}

needed() # PROGRAM
{
	readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
}

needs_only() # PROGRAM EXTENDED-REGEX
{
	[ -x "$1" ] || { echo "$1 is not built"; return; }
	needed "$1" | grep -vE "^($2)\.so" | sed "s|^|$1 needs |"
}

is_hardened() # PROGRAM; dynamic programs are position independent and bind at start
{
	[ -x "$1" ] || { echo "$1 is not built"; return; }
	readelf -lW "$1" | grep -q 'GNU_STACK.*RWE' && echo "$1 has an executable stack"
	if [ -n "$(needed "$1")" ]; then
		readelf -hW "$1" | grep -q 'Type:.*DYN' || echo "$1 is not position independent"
		readelf -dW "$1" | grep -q 'NOW' || echo "$1 does not bind at start"
	fi
}

shows_only() # LIBRARY NAME; the sanitizers' builds show theirs too
{
	readelf --dyn-syms -W "$1" | awk '$7 != "UND" && $5 == "GLOBAL" { print $8 }' | grep -v "^__" | grep -vx "$2" | sed "s|^|$1 shows |"
}

runtime='libc|ld-linux.*|libasan|libubsan|libm|libgcc_s|linux-vdso'
for hook in "$build"/libexec/hooks/*; do
	lint "${hook##*/} needs libc, jansson and libuuid at most" needs_only "$hook" "$runtime|libjansson|libuuid"
	lint "${hook##*/} is hardened" is_hardened "$hook"
done
lint "runwake-watcher needs libc, jansson and libuuid at most" needs_only "$build/bin/runwake-watcher" "$runtime|libjansson|libuuid"
lint "runwake-watcher is hardened" is_hardened "$build/bin/runwake-watcher"
lint "runwake needs nothing unexpected" needs_only "$build/bin/runwake" "$runtime|libjansson|libuuid|libgit2|libsqlite3"
lint "runwake is hardened" is_hardened "$build/bin/runwake"
module=$build/libexec/runwake/runwake-postgres.so
lint "the PostgreSQL driver needs nothing unexpected" needs_only "$module" "$runtime|libjansson|libuuid|libpq"
lint "the PostgreSQL driver is hardened" is_hardened "$module"
remote=$build/libexec/runwake/runwake-remote
lint "runwake-remote needs libcurl, and nothing unexpected" needs_only "$remote" "$runtime|libjansson|libuuid|libcurl.*"
lint "runwake-remote is hardened" is_hardened "$remote"
lint "the PostgreSQL driver shows one name" shows_only "$module" wake_store_postgres_module
end_lint
