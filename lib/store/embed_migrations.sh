#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the table of migrations: embed_migrations.sh OUT.c FILE…, each file migrations/DRIVER/NAME.sql
set -eu
LC_ALL=C
export LC_ALL

out=$1
shift
here=$(dirname "$0")

fail() {
	printf 'embed_migrations.sh: %s\n' "$1" >&2
	exit 1
}

# "DRIVER NAME PATH", in the table's order.
list_files() {
	for file; do
		name=${file##*/}
		dir=${file%/*}
		printf '%s %s %s\n' "${dir##*/}" "${name%.sql}" "$file"
	done | sort
}

check_name() {
	case $1 in
	*/sqlite/*.sql | */postgres/*.sql) ;;
	*) fail "'$1': expected migrations/sqlite/NAME.sql or migrations/postgres/NAME.sql" ;;
	esac
	expr "${1##*/}" : '[0-9]\{8\}_[0-9]\{6\}_[a-z0-9_]\{1,\}\.sql$' >/dev/null ||
		fail "'$1': expected YYYYMMDD_HHMMSS_name.sql"
}

print_source() {
	printf '/* Generated from migrations by embed_migrations.sh. */\n#include <stddef.h>\n\n#include "store/migrate.h"\n\n'
	list_files "$@" | while read -r driver name path; do
		sh "$here/embed_bytes.sh" "${driver}_$name" "$path"
	done
	printf '\nconst struct wake_migration wake_migrations[] = {\n'
	list_files "$@" | while read -r driver name path; do
		sum=$(sha256sum <"$path")
		printf '\t{ "%s", "%s", %s_%s,\n\t  "%s" },\n' "$name" "$driver" "$driver" "$name" "${sum%% *}"
	done
	printf '\t{ NULL, NULL, NULL, NULL },\n};\n'
}

for file; do
	check_name "$file"
	[ -r "$file" ] || fail "'$file' cannot be read"
done
print_source "$@" >"$out.new"
if cmp -s "$out.new" "$out"; then
	rm "$out.new"
else
	mv "$out.new" "$out"
fi
