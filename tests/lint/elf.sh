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

runtime='libc|ld-linux.*|libasan|libubsan|libm|libgcc_s|linux-vdso'
for hook in "$build"/libexec/hooks/*; do
	lint "${hook##*/} needs libc, jansson and libuuid at most" needs_only "$hook" "$runtime|libjansson|libuuid"
	lint "${hook##*/} is hardened" is_hardened "$hook"
done
lint "runwake-watcher needs libc, jansson and libuuid at most" needs_only "$build/bin/runwake-watcher" "$runtime|libjansson|libuuid"
lint "runwake-watcher is hardened" is_hardened "$build/bin/runwake-watcher"
lint "runwake needs nothing unexpected" needs_only "$build/bin/runwake" "$runtime|libjansson|libuuid|libgit2|libsqlite3|libpq"
lint "runwake is hardened" is_hardened "$build/bin/runwake"
end_lint
