#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the table of what the tables of a team's database have of ours, as PostgreSQL names it: embed_own.sh OUT.c FILE…, the
# migrations for PostgreSQL. A unit test compares it with the catalogue of a database that they were applied to.
set -eu
LC_ALL=C
export LC_ALL

out=$1
shift

# One line for each thing: its table, its name, what it is.
list_own() {
	awk '
	function forget(table, thing) {
		for (thing in of)
			if (of[thing] == table)
				drop(thing)
	}
	function drop(thing) { delete of[thing]; delete what[thing] }
	function add(table, name, kind, thing) {
		thing = table " " name (kind == "RULE" ? " rule" : "")
		of[thing] = table; names[thing] = name; what[thing] = kind
	}
	function column(table, line, name, rest) {
		name = line; sub(/^ */, "", name); sub(/ .*/, "", name); gsub(/"/, "", name)
		rest = line
		add(table, name, rest ~ / not null| primary key/ ? "NOT_NULL" : "COLUMN")
		if (rest ~ / primary key/) add(table, table "_pkey", "RULE")
		if (rest ~ / unique/) add(table, table "_" name "_key", "RULE")
		if (rest ~ / check \(/) add(table, table "_" name "_check", "RULE")
		if (rest ~ / references /) add(table, table "_" name "_fkey", "RULE")
	}
	{ sub(/ *--.*/, "") }
	/^create table /		{ table = $3 == "if" ? $6 : $3; inside = $0 !~ /;$/; next }
	inside && /^\)/			{ inside = 0; next }
	inside && /^  primary key/	{ add(table, table "_pkey", "RULE"); next }
	inside && /^  [a-z"]/		{ column(table, $0); next }
	/^drop table /			{ sub(/;/, "", $3); forget($3); next }
	/^create (unique )?index /	{ add($2 == "unique" ? $6 : $5, $2 == "unique" ? $4 : $3, "RULE"); next }
	/^drop index [^i]/ {
		sub(/;/, "", $3)
		for (thing in of)
			if (names[thing] == $3 && what[thing] == "RULE")
				drop(thing)
		next
	}
	/^alter table .* add column /	{ table = $3; sub(/;$/, ""); sub(/.* add column /, ""); column(table, $0); next }
	/^alter table .* add constraint /	{ add($3, $6, "RULE"); next }
	/^alter table .* drop constraint /	{ next }
	/^alter table /			{ print "embed_own.sh: what is this: " $0 > "/dev/stderr"; exit 1 }
	END {
		for (thing in of)
			if (of[thing] ~ /^workflow_/)
				print of[thing], names[thing], what[thing]
	}' "$@" | sort
}

own=$(list_own "$@")
{
	printf '/* Generated from migrations by embed_own.sh. */\n#include <stddef.h>\n\n#include "store/own.h"\n\n'
	printf 'const struct wake_own wake_owns[] = {\n'
	printf '%s\n' "$own" | while read -r table name kind; do
		printf '\t{ "%s", "%s", WAKE_OWN_%s },\n' "$table" "$name" "$kind"
	done
	printf '\t{ NULL, NULL, WAKE_OWN_COLUMN },\n};\n'
} >"$out.new"
if cmp -s "$out.new" "$out"; then
	rm "$out.new"
else
	mv "$out.new" "$out"
fi
