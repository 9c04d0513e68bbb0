#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the table of statements of the files in lib/store/sql: embed_sql.sh OUTDIR FILE…
# embed_sql.sh --whole FILE prints what is embedded of one.
#
# NAME.sql serves every driver; NAME.sqlite.sql and NAME.postgres.sql stand before it for theirs. A line
# "-- Only where: TABLE.COLUMN" or "-- Only where: TABLE.COLUMN TYPE" in one of them is for a table that belongs to the
# surrounding system: without such a column in it there is nothing for the statement to do.
# `-- include PART` stands for the text of parts/PART.sql, beside the file: what several statements share.
# Writes OUTDIR/sql_table.h and OUTDIR/sql_table.c, each only when it changes, so that a new text does
# not rebuild everything that knows the names.
set -eu
LC_ALL=C
export LC_ALL

out=$1
shift
here=$(dirname "$0")

fail() {
	printf 'embed_sql.sh: %s\n' "$1" >&2
	exit 1
}

base_names() {
	for file; do
		printf '%s\n' "${file##*/}"
	done | sort
}

# The array that holds a file's text: sql_x, sqlite_x or postgres_x.
array_name() {
	name=${1##*/}
	stem=${name%%.*}
	case $stem in
	'' | [!a-z]* | *[!a-z0-9_]*) fail "'$1': a statement's name is made of a-z, 0-9 and _" ;;
	esac
	case ${name#"$stem".} in
	sql) array=sql_$stem ;;
	sqlite.sql) array=sqlite_$stem ;;
	postgres.sql) array=postgres_$stem ;;
	*) fail "'$1': expected NAME.sql, NAME.sqlite.sql or NAME.postgres.sql" ;;
	esac
}

# Sets whole: the file itself, or one with the parts in their places.
put_together() {
	whole=$1
	grep -q '^-- include ' "$1" || return 0
	whole=$scratch/${1##*/}
	while IFS= read -r line; do
		case $line in
		'-- include '*) cat "${1%/*}/parts/${line#-- include }.sql" || fail "'$1': no such part: $line" ;;
		*) printf '%s\n' "$line" ;;
		esac
	done <"$1" >"$whole"
}

print_arrays() {
	for file; do
		array_name "$file"
		put_together "$file"
		set -- "$@" "$array" "$whole"
		shift
	done
	sh "$here/embed_bytes.sh" "$@"
}

# The columns that files ask for, one a line: STEM TABLE COLUMN, and TYPE if it matters.
print_columns() {
	for file; do
		asked=$(sed -n 's/^-- Only where: //p' "$file")
		[ -n "$asked" ] || continue
		printf '%s' "$asked" | tr '\n' , | grep -qxE '[a-z_]+\.[a-z_]+( [a-z0-9_]+)?' ||
			fail "'$file': expected -- Only where: TABLE.COLUMN or TABLE.COLUMN TYPE"
		name=${file##*/}
		printf '%s %s\n' "${name%%.*}" "$asked" | tr . ' '
	done
}

print_header() {
	cat <<'END'
/* Generated from lib/store/sql by embed_sql.sh. */
#ifndef WAKE_SQL_TABLE_H
#define WAKE_SQL_TABLE_H

enum wake_sql {
END
	base_names "$@" | awk -F. '$1 != last { print "\tWAKE_SQL_" toupper($1) ","; last = $1 }'
	cat <<'END'
	WAKE_SQL_COUNT
};

/* What a statement asks of a table of the surrounding system. */
struct wake_sql_column {
	const char *table;	/* NULL: it asks for nothing */
	const char *name;
	const char *type;	/* as the server calls it; NULL: any */
};

struct wake_sql_text {
	const char *name;
	const char *sqlite;	/* NULL: not for this driver */
	const char *postgres;	/* the same */
	struct wake_sql_column only_where;
};

/* Ends with a row of NULLs. */
extern const struct wake_sql_text wake_sql_texts[WAKE_SQL_COUNT + 1];

#endif
END
}

print_source() {
	printf '/* Generated from lib/store/sql by embed_sql.sh. */\n#include <stddef.h>\n\n#include "sql_table.h"\n\n'
	print_arrays "$@"
	printf '\nconst struct wake_sql_text wake_sql_texts[WAKE_SQL_COUNT + 1] = {\n'
	columns=$(print_columns "$@")
	base_names "$@" | COLUMNS_ASKED=$columns awk -F. '
		function quote(word) { return word == "" ? "NULL" : "\"" word "\"" }
		function flush() {
			if (stem != "")
				printf "\t{ \"%s\", %s, %s, { %s } },\n", stem, sqlite, postgres, \
				    (stem in asked) ? asked[stem] : "NULL, NULL, NULL"
		}
		BEGIN {
			count = split(ENVIRON["COLUMNS_ASKED"], lines, "\n")
			for (i = 1; i <= count; i++) {
				split(lines[i], words, " ")
				asked[words[1]] = quote(words[2]) ", " quote(words[3]) ", " quote(words[4])
			}
		}
		$1 != stem { flush(); stem = $1; sqlite = postgres = "NULL" }
		NF == 2 {
			if (sqlite == "NULL") sqlite = "sql_" stem
			if (postgres == "NULL") postgres = "sql_" stem
		}
		$2 == "sqlite" && NF == 3 { sqlite = "sqlite_" stem }
		$2 == "postgres" && NF == 3 { postgres = "postgres_" stem }
		END { flush() }'
	printf '\t{ NULL, NULL, NULL, { NULL, NULL, NULL } },\n};\n'
}

replace_if_changed() {
	if cmp -s "$1.new" "$1"; then
		rm "$1.new"
	else
		mv "$1.new" "$1"
	fi
}

if [ "$out" = --whole ]; then
	scratch=$(mktemp -d)
	trap 'rm -rf "$scratch"' EXIT
	put_together "$1"
	cat "$whole"
	exit
fi
for file; do
	array_name "$file"
	[ -r "$file" ] || fail "'$file' cannot be read"
	print_columns "$file" >/dev/null
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
print_header "$@" >"$out/sql_table.h.new"
print_source "$@" >"$out/sql_table.c.new"
replace_if_changed "$out/sql_table.h"
replace_if_changed "$out/sql_table.c"
