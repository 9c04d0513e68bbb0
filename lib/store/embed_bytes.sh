#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints files as C arrays of characters: embed_bytes.sh NAME FILE [NAME FILE]…
#
# Arrays and not string literals: a literal may be no longer than 4095 characters, and an array of octal
# character constants needs no quoting, so the text in the program is the file's, byte for byte.
set -eu
LC_ALL=C
export LC_ALL

while [ $# -ge 2 ]; do
	printf 'static const char %s[] = {\n' "$1"
	od -An -v -t o1 <"$2"
	printf '0 };\n'
	shift 2
done | sed "/^ /s/ *\([0-7][0-7][0-7]\)/'\\\\\1',/g"
