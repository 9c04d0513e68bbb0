# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# ccusage, the other counter of such transcripts, in the version whose rules are known. Skips the test where it cannot be had.
CCUSAGE_VERSION=20.0.24
CCUSAGE=$T/npm/node_modules/@ccusage/ccusage-linux-x64/bin/ccusage

install_ccusage()
{
	command -v npm >/dev/null || return 1
	mkdir -p "$T/npm"
	echo '{"private":true}' >"$T/npm/package.json"
	(cd "$T/npm" && timeout 120 npm install --silent --ignore-scripts --no-audit --no-fund "@ccusage/ccusage-linux-x64@$CCUSAGE_VERSION") \
		>"$T/npm.log" 2>&1 && chmod +x "$CCUSAGE" && "$CCUSAGE" --version >/dev/null 2>&1
}
