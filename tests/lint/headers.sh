#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every header stands on its own: it compiles alone, as the only thing included, without a warning.
# shellcheck source=tests/lint/tap.bash
. "$(dirname "$0")/tap.bash"

build=${1:-build/release}
read -ra packages < <(pkg-config --cflags jansson uuid libgit2 sqlite3 libpq libcurl)
warnings=(-Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef -Werror)

compiles_alone() # COMPILER HEADER
{
	# Twice: the guard must hold. A declaration, since a header may hold macros alone.
	printf '#include "%s"\n#include "%s"\nextern int alone;\n' "$2" "$2" |
	    "$1" -std=c11 -D_GNU_SOURCE -DRUNWAKE_VERSION='"0"' "${warnings[@]}" -Ilib -I. -Icli -Ihooks -I"$build/gen" \
	    "${packages[@]}" -x c -fsyntax-only - || echo "$2: not with $1"
}

for header in $(tree_files '*.h'); do
	for compiler in gcc clang; do
		if command -v "$compiler" >/dev/null; then
			lint "$header alone, $compiler" compiles_alone "$compiler" "$header"
		else
			lint_skip "$header alone, $compiler" "$compiler is not installed"
		fi
	done
done
end_lint
