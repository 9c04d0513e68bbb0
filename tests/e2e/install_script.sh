#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# install.sh from end to end: it installs, wires, does it again without harm, takes everything back, and never touches
# what is not its own.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"

PLACE="$T/a place"
export VARIANT
VARIANT=$(basename "$BUILD")

# Whatever manager runs here, it is not to be told anything: user_service.sh looks at that.
mkdir "$T/programs"
printf '#!/bin/sh\nexit 1\n' >"$T/programs/systemctl"
chmod 755 "$T/programs/systemctl"

install_script()
{
	(cd "$T" && PATH=$T/programs:$PATH "$ROOT/install.sh" --prefix "$PLACE" "$@") >"$T/out" 2>"$T/err" || {
		local status=$?
		cat "$T/out" "$T/err" >&2
		return "$status"
	}
}

snapshot() # every file's mode, link and content
{
	(cd "$1" && find . -type f -exec sha256sum {} + -exec stat -c '%a %n' {} + -o -type l -printf '%p -> %l\n' \
	    -o -type d -print | sort)
}

dry_run_does_nothing()
{
	new_repo "$T/dry"
	snapshot "$T/dry" >"$T/before"
	install_script --dry-run --global dry
	[ ! -e "$PLACE" ] || fail "$PLACE was made"
	snapshot "$T/dry" >"$T/after"
	expect_same "the repository" "$T/after" "$T/before"
	expect_match "what it says" "$(cat "$T/out")" 'would run'
}

installs_and_wires()
{
	local repo
	for repo in "$T/plain" "$T/with hook" "$T"/$'new\nline'; do
		new_repo "$repo"
	done
	printf '#!/bin/sh\necho "$@" >>"%s"\n' "$T/users-hook" >"$T/with hook/.git/hooks/post-commit"
	chmod 755 "$T/with hook/.git/hooks/post-commit"
	snapshot "$T/with hook" >"$T/hook.before"
	mkdir -p "$PLACE/share/doc"
	echo "not ours" >"$PLACE/share/doc/theirs"
	install_script plain "with hook" $'new\nline'
	"$PLACE/bin/runwake" version
	for repo in "$T/plain" "$T/with hook" "$T"/$'new\nline'; do
		commit_file "$repo" one 1 "One"
		expect_json "verify of $repo" "$("$PLACE/bin/runwake" verify --json "$repo")" '"\(.movements) \(.recorded)"' "1 1"
	done
	[ -f "$T/users-hook" ] || fail "the user's own hook did not run"
	"$PLACE/bin/runwake" doctor >/dev/null
}

again_changes_nothing()
{
	snapshot "$PLACE" >"$T/before"
	snapshot "$T/plain/.git/hooks" >>"$T/before"
	install_script plain "with hook"
	snapshot "$PLACE" >"$T/after"
	snapshot "$T/plain/.git/hooks" >>"$T/after"
	expect_same "what is installed" "$T/after" "$T/before"
}

cut_short_is_taken_up()
{
	# As if the first attempt had been killed in the middle.
	rm "$PLACE/bin/runwake"
	: >"$PLACE/bin/runwake.runwake-new"
	install_script
	"$PLACE/bin/runwake" version
	[ ! -e "$PLACE/bin/runwake.runwake-new" ] || fail "a half file is left"
}

obsolete_files_go()
{
	mkdir -p "$PLACE/libexec/runwake/hooks"
	echo "of an older version" >"$PLACE/libexec/runwake/hooks/older"
	echo "file $PLACE/libexec/runwake/hooks/older" >>"$PLACE/share/runwake/manifest"
	install_script
	[ ! -e "$PLACE/libexec/runwake/hooks/older" ] || fail "a file of an older version is left"
}

unwires_and_removes()
{
	# A manifest that somebody changed leads nowhere else.
	echo precious >"$T/precious"
	{ echo "file $T/precious"; echo "file $PLACE/../precious"; } >>"$PLACE/share/runwake/manifest"
	# Claude Code runs our hooks, also where this build has no program for it.
	[ -x "$PLACE/libexec/runwake/hooks/claude-code" ] || {
		printf '#!/bin/sh\n' >"$PLACE/libexec/runwake/hooks/claude-code"
		chmod 755 "$PLACE/libexec/runwake/hooks/claude-code"
		echo "file $PLACE/libexec/runwake/hooks/claude-code" >>"$PLACE/share/runwake/manifest"
	}
	mkdir "$HOME/.claude"
	printf '{"model":"x"}' >"$HOME/.claude/settings.json"
	"$PLACE/bin/runwake" install --agent claude
	grep -q "$PLACE/libexec/runwake/hooks/claude-code" "$HOME/.claude/settings.json"
	install_script --uninstall
	expect_eq "settings of Claude Code" "$(cat "$HOME/.claude/settings.json")" '{"model":"x"}'
	[ -f "$T/precious" ] || fail "a file that is not ours was removed"
	find "$PLACE" >"$T/left"
	printf '%s\n' "$PLACE" "$PLACE/share" "$PLACE/share/doc" "$PLACE/share/doc/theirs" >"$T/expected"
	expect_same "what is left" "$T/left" "$T/expected"
	snapshot "$T/with hook" | grep hooks >"$T/after"
	grep hooks "$T/hook.before" >"$T/before"
	expect_same "the hooks of the repository" "$T/after" "$T/before"
	commit_file "$T/with hook" two 2 "Two"
	[ -f "$STATE/runwake.db" ] || fail "the record is gone"
}

refusals()
{
	local status
	expect_exit 2 "$ROOT/install.sh" --bogus
	expect_exit 2 "$ROOT/install.sh" --prefix
	expect_exit 1 "$ROOT/install.sh" --prefix "$T/x" "$T/not-there"
	expect_match "what it says" "$(cat "$T/err")" "$T/not-there"
	expect_exit 1 "$ROOT/install.sh" --prefix "$T/x" --uninstall
	[ ! -e "$T/x" ] || fail "a refusal made something"
}

without_apt() # packages missing, and no apt-get: they are named
{
	mkdir -p "$T/few"
	for status in sh dirname id mktemp rm awk sed cat; do
		ln -sf "$(command -v "$status")" "$T/few/$status"
	done
	expect_exit 1 env PATH="$T/few" "$(command -v sh)" "$ROOT/install.sh" --prefix "$T/x"
	expect_match "what it says" "$(cat "$T/err")" 'libgit2-dev.*libsqlite3-dev'
}

t "a dry run does nothing" dry_run_does_nothing
t "it installs and wires" installs_and_wires
t "again changes nothing" again_changes_nothing
t "what was cut short is taken up" cut_short_is_taken_up
t "files of an older version go" obsolete_files_go
t "uninstalling takes back exactly what was put down" unwires_and_removes
t "wrong words are refused" refusals
t "without apt it names what is missing" without_apt
end_tests
