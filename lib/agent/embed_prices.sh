#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes a C file of the table of prices: embed_prices.sh OUT FILE
set -eu

out=$1
{
	printf '/* Generated from %s by embed_prices.sh. */\n#include "agent/prices_file.h"\n\n' "$2"
	sh "$(dirname "$0")/../store/embed_bytes.sh" installed "$2"
	printf '\nconst char *const wake_prices_installed = installed;\n'
} >"$out"
