#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# runwake doctor: names what is broken and its mend, says it in JSON, fires only our hooks, and writes nothing.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"
# shellcheck source=tests/e2e/hooks_common.bash
. "$(dirname "$0")/hooks_common.bash"

broken() # EXTENDED-REGEX [WORD…]; the only thing that is broken is this
{
	local what=$1
	shift
	expect_exit 1 runwake doctor "$@"
	expect_eq "broken things" "$(grep -c '^broken' "$T/out")" 1
	expect_match "what is broken" "$(grep -A1 '^broken' "$T/out")" "$what"
}

whole()
{
	runwake doctor "$@" >"$T/out" || { cat "$T/out"; fail "something is broken"; }
	expect_eq "the last line" "$(tail -n 1 "$T/out")" "nothing is broken"
}

begins_well()
{
	whole
	expect_match "what it says" "$(cat "$T/out")" 'no repository is recorded'
	[ ! -e "$STATE" ] || fail "doctor makes the state directory"
	wired_repo "$T/repo"
	git -C "$T/repo" commit -q --allow-empty -m One
	wait_until 60 is_settled
	whole
	whole "$T/repo"
	expect_exit 4 runwake doctor "$T/home"
}

speaks_json()
{
	local json
	json=$(runwake doctor --json "$T/repo")
	expect_json "doctor" "$json" '.schema_version' 1
	expect_json "doctor" "$json" '.broken' 0
	expect_json "doctor" "$json" '[.findings[] | select(.topic == "hooks")] | length' 1
	rm "$T/repo/.git/hooks/post-commit"
	json=$(runwake doctor --json "$T/repo") && fail "nothing is broken"
	expect_json "doctor" "$json" '.broken' 1
	expect_json "doctor" "$json" '.findings[] | select(.state == "broken") | .mend' 'runwake install'
	runwake install "$T/repo" >/dev/null
}

fires_nobody_elses()
{
	local hooks=$T/repo/.git/hooks
	printf '#!/bin/sh\n: >"%s"\n' "$T/fired" >"$T/foreign"
	chmod 755 "$T/foreign"
	# In the place of ours, and behind a shim of ours.
	rm "$hooks/post-commit"
	cp "$T/foreign" "$hooks/post-commit"
	cp "$T/foreign" "$hooks/pre-push.runwake-chained"
	cp "$T/foreign" "$hooks/post-checkout.runwake-chained"
	broken 'post-commit is not ours' "$T/repo"
	[ ! -e "$T/fired" ] || fail "doctor fires somebody's hook"
	runwake install "$T/repo" >/dev/null
	whole "$T/repo"
	[ ! -e "$T/fired" ] || fail "doctor fires a chained hook"
	git -C "$T/repo" commit -q --allow-empty -m Two
	[ -e "$T/fired" ] || fail "the chained hook does not run at all"
	rm "$T/fired" "$hooks"/*.runwake-chained
	wait_until 60 is_settled
}

writes_nothing()
{
	snapshot "$T/repo" "$STATE" "$PREFIX" | grep -v 'runwake\.db' >"$T/then"
	whole "$T/repo"
	whole
	snapshot "$T/repo" "$STATE" "$PREFIX" | grep -v 'runwake\.db' >"$T/now"
	expect_same "what doctor leaves" "$T/now" "$T/then"
}

missing_program()
{
	local prefix
	prefix=$(own_prefix "$T/prefix-missing")
	rm "$prefix/libexec/runwake/hooks/post-merge"
	expect_exit 1 "$prefix/bin/runwake" doctor "$T/repo"
	expect_match "doctor" "$(cat "$T/out")" 'broken  programs.*post-merge'
	expect_exit 4 "$prefix/bin/runwake" install "$T/repo"
	whole "$T/repo"
}

bad_settings()
{
	write_settings '	colour = red'
	expect_exit 1 runwake doctor "$T/repo"
	expect_match "doctor" "$(cat "$T/out")" 'broken  settings'
	write_settings
	whole
}

open_state()
{
	chmod 755 "$STATE"
	broken 'open to other users.*chmod 700' "$T/repo"
	chmod 700 "$STATE"
	whole
}

quarantine()
{
	printf '00000000 {"v":1}\n' >>"$STATE/spool/in/current"
	expect_exit 0 runwake record
	broken 'set aside'
	rm -r "$STATE"/spool/quarantine/*
	whole
}

waiting()
{
	local mute
	# Put there as a hook does it, by an installation that finds no recorder to start; one that is at work still would take
	# it away.
	mute=$(own_prefix "$T/mute")
	rm "$mute/bin/runwake"
	wait_until 60 is_settled
	RUNWAKE_STORE='' git -C "$T/repo" -c core.hooksPath=/dev/null commit -q --allow-empty -m Waits
	(cd "$T/repo" && "$mute/libexec/runwake/hooks/post-commit")
	whole
	expect_match "what it says" "$(cat "$T/out")" 'note .*spool.*wait to be recorded'
	runwake record
	whole
	grep -q 'wait to be recorded' "$T/out" && fail "something waits still"
	return 0
}

bad_marker()
{
	echo nonsense >"$T/repo/.runwake"
	broken 'marker .*repo' "$T/repo"
	rm "$T/repo/.runwake"
	whole
}

stale_claim()
{
	local run
	run=$(cd "$T/repo" && runwake start --workflow test --task x)
	whole
	rm -r "$STATE/runs/$run"
	rm "$T/repo/.runwake"
	broken "claim .*$run.*not active" "$T/repo"
	(cd "$T/repo" && runwake start --replace --workflow test --task y >/dev/null && runwake finish --status completed)
	wait_until 60 is_settled
	whole
}

store_broken()
{
	cp "$STATE/runwake.db" "$T/db"
	rm -f "$STATE"/runwake.db-*
	echo "no database" >"$STATE/runwake.db"
	broken 'store .*runwake.db'
	rm -f "$STATE"/runwake.db*
	cp "$T/db" "$STATE/runwake.db"
	whole
}

gone_repository()
{
	wired_repo "$T/gone"
	git -C "$T/gone" worktree add -q "$T/gone-linked"
	wait_until 60 is_settled
	rm -rf "$T/gone-linked"
	whole "$T/gone"
	expect_match "what it says" "$(cat "$T/out")" "gone-linked: its directory is gone"
	rm -rf "$T/gone"
	whole
	expect_match "what it says" "$(cat "$T/out")" "gone/.git: the repository is gone"
}

hostile_names()
{
	local repo=$T/$'evil\e[31m\u202e'
	wired_repo "$repo"
	whole "$repo"
	LC_ALL=C grep -q $'\e' "$T/out" && fail "an escape sequence reaches the terminal"
	runwake doctor --json "$repo" | jq -e . >/dev/null
	runwake install --uninstall "$repo" | LC_ALL=C grep -q $'\e' && fail "an escape sequence reaches the terminal"
	return 0
}

# git before 2.45 makes no reftables; what marks them is HEAD, which git then fills with a name that cannot be.
reftables()
{
	wired_repo "$T/tables"
	printf 'ref: refs/heads/.invalid\n' >"$T/tables/.git/HEAD"
	expect_exit 1 runwake doctor "$T/tables"
	expect_match "names the reftables" "$(cat "$T/out")" 'broken  refs .*reftables'
	expect_match "and their mend" "$(cat "$T/out")" 'git refs migrate'
}

t "all is well at the beginning" begins_well
t "it speaks JSON" speaks_json
t "it fires nobody else's hooks" fires_nobody_elses
t "it writes nothing" writes_nothing
t "a program is missing" missing_program
t "settings that cannot be read" bad_settings
t "a state directory that is open to others" open_state
t "events that were set aside" quarantine
t "events that wait" waiting
t "a marker that cannot be believed" bad_marker
t "a claim whose run is not active" stale_claim
t "a store that is none" store_broken
t "a worktree and a repository that are gone" gone_repository
t "reftables" reftables
t "hostile names" hostile_names
end_tests
