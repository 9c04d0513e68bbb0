#!/bin/sh
# SPDX-License-Identifier: MIT
# Claude Code itself, for the test that wraps it: tests/claude_code.sh DIR [--fetch] prints the program's path below DIR.
# With --fetch it is taken from npm, once (about 400 MB); without, or where that fails, it must be there: else exit 1.
set -eu

VERSION=2.1.330

main() {
	dir=$1
	program=$dir/$VERSION/node_modules/@anthropic-ai/claude-code-linux-x64/claude
	if [ ! -x "$program" ] && [ "${2:-}" = --fetch ]; then
		fetch "$dir/$VERSION" >&2
	fi
	[ -x "$program" ] || return 1
	printf '%s\n' "$program"
}

# Its scripts are not run: the program needs none of them.
fetch() {
	command -v npm >/dev/null || return 1
	rm -rf "$1.new"
	mkdir -p "$1.new"
	echo '{"private":true}' >"$1.new/package.json"
	(cd "$1.new" && npm install --ignore-scripts --no-audit --no-fund --loglevel=error "@anthropic-ai/claude-code@$VERSION") || return 1
	rm -rf "$1"
	mv "$1.new" "$1"
}

main "$@"
