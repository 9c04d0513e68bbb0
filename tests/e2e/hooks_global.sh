#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# runwake install --global: what is cloned or made from now on is recorded, and settings that are not ours stay.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"
# shellcheck source=tests/e2e/hooks_common.bash
. "$(dirname "$0")/hooks_common.bash"

TEMPLATE=$STATE/template

clones_are_recorded()
{
	cp "$GIT_CONFIG_GLOBAL" "$T/config.then"
	new_repo "$T/origin"
	runwake install --global --dry-run
	[ ! -e "$TEMPLATE" ] || fail "a dry run makes the template"
	cmp "$GIT_CONFIG_GLOBAL" "$T/config.then"
	runwake install --global
	expect_eq "init.templateDir" "$(git config --global init.templateDir)" "$TEMPLATE"
	git clone -q "$T/origin" "$T/clone"
	wait_until 60 is_settled
	expect_eq "movements of the clone itself" "$(witnessed "$T/clone")" 1
	git -C "$T/clone" commit -q --allow-empty -m One
	expect_eq "movements" "$(witnessed "$T/clone")" 2
	runwake doctor "$T/clone"
	runwake doctor | grep -q "$T/clone" || fail "the clone is not among the recorded repositories"
	movements_are_complete "$T/clone"
}

new_ones_too()
{
	new_repo "$T/made"
	expect_eq "movements" "$(witnessed "$T/made")" 1
	runwake doctor "$T/made"
	git init -q --bare "$T/made.git"
	git -C "$T/made" push -q "$T/made.git" main
	git clone -q --bare "$T/made" "$T/bare.git"
	git -C "$T/bare.git" worktree add -q "$T/of-bare" main
	git -C "$T/of-bare" commit -q --allow-empty -m One
	movements_are_complete "$T/bare.git"
}

again_changes_nothing()
{
	snapshot "$TEMPLATE" >"$T/then"
	cp "$GIT_CONFIG_GLOBAL" "$T/config.once"
	runwake install --global
	snapshot "$TEMPLATE" >"$T/now"
	expect_same "the template" "$T/now" "$T/then"
	cmp "$GIT_CONFIG_GLOBAL" "$T/config.once"
}

is_undone()
{
	runwake install --global --uninstall
	[ ! -e "$TEMPLATE" ] || fail "the template is left"
	expect_eq "init.templateDir" "$(git config --global init.templateDir || echo unset)" unset
	expect_eq "the other settings" "$(git config --global --list)" "$(git config --file "$T/config.then" --list)"
	new_repo "$T/later"
	[ ! -e "$T/later/.git/runwake" ] || fail "a new repository is recorded still"
	# What was cloned meanwhile goes on, until it is told otherwise.
	git -C "$T/clone" commit -q --allow-empty -m Two
	expect_eq "movements" "$(witnessed "$T/clone")" 3
	runwake install --uninstall "$T/clone"
	expect_eq "what is left of us" "$(find "$T/clone/.git" -name '*runwake*')" ""
	runwake install --global --uninstall
}

others_are_left()
{
	mkdir -p "$T/template/hooks"
	git config --global init.templateDir "$T/template"
	expect_exit 5 runwake install --global
	expect_match "the mend" "$(cat "$T/err")" 'left alone'
	expect_eq "init.templateDir" "$(git config --global init.templateDir)" "$T/template"
	expect_eq "what is in it" "$(find "$T/template" -type f)" ""
	runwake install --global --uninstall
	expect_eq "init.templateDir" "$(git config --global init.templateDir)" "$T/template"
	git config --global --unset init.templateDir
}

unknown_content_is_kept()
{
	runwake install --global
	echo mine >"$TEMPLATE/description"
	expect_exit 1 runwake install --global --uninstall
	expect_eq "somebody's file" "$(cat "$TEMPLATE/description")" mine
	rm -r "$TEMPLATE"
}

t "clones are recorded from their birth" clones_are_recorded
t "new repositories, too" new_ones_too
t "installing again changes nothing" again_changes_nothing
t "it is undone" is_undone
t "somebody's own template is left alone" others_are_left
t "somebody's file in ours is kept" unknown_content_is_kept
end_tests
