#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the table of optional scripts: embed_optional.sh OUT.c FILE…, each file migrations/postgres/optional/NAME.sql
set -eu
LC_ALL=C
export LC_ALL

out=$1
shift
here=$(dirname "$0")

fail() {
	printf 'embed_optional.sh: %s\n' "$1" >&2
	exit 1
}

name_of() {
	name=${1##*/}
	printf '%s\n' "${name%.sql}"
}

print_source() {
	printf '/* Generated from migrations/postgres/optional by embed_optional.sh. */\n#include <stddef.h>\n\n#include "store/optional.h"\n\n'
	for file; do
		sh "$here/embed_bytes.sh" "optional_$(name_of "$file")" "$file"
	done
	printf '\nconst struct wake_optional wake_optionals[] = {\n'
	for file; do
		printf '\t{ "%s", optional_%s },\n' "$(name_of "$file")" "$(name_of "$file")"
	done
	printf '\t{ NULL, NULL },\n};\n'
}

for file; do
	expr "${file##*/}" : '[a-z][a-z0-9_]*\.sql$' >/dev/null || fail "'$file': expected a name of a-z, 0-9 and _"
	[ -r "$file" ] || fail "'$file' cannot be read"
done
print_source "$@" >"$out.new"
if cmp -s "$out.new" "$out"; then
	rm "$out.new"
else
	mv "$out.new" "$out"
fi
