# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What the hook tests share. Sourced after harness.sh.

# shellcheck disable=SC2034
HOOK_NAMES=(post-checkout post-commit post-merge post-applypatch post-rewrite pre-push)
# shellcheck disable=SC2034
AGENT_HOOK_NAMES=(claude-code)	# not git's: clients of agents run these
PROGRAMS=$PREFIX/libexec/runwake/hooks
: "$PROGRAMS"

# Every file below the directories: kind, mode, time, link target, content. Directories' times are left out, since
# a file that came and went leaves nothing else behind.
snapshot() # DIR…
{
	local directory
	for directory; do
		(cd "$directory" &&
			find . -type d -printf 'd %m %p\n' -o -type f -printf 'f %m %T@ %p\n' -o -printf '%y %m %T@ %p -> %l\n' |
			LC_ALL=C sort &&
			find . -type f -exec sha256sum {} + | LC_ALL=C sort -k 2)
	done
}

# What a git directory holds besides history: whatever a tool might have changed there.
setup_of() # GITDIR
{
	snapshot "$1/hooks" "$1/info"
	sha256sum "$1/config" | cut -d ' ' -f 1
	find "$1" -maxdepth 1 -name 'runwake*' -printf '%f\n'
}

# A hook in shell that writes down the same as tool_hook_echo.
write_shell_hook() # FILE
{
	cat >"$1" <<-'HOOK'
		#!/bin/sh
		{
			printf 'hook %s\nin %s\n' "${HOOK_NAME:-}" "$(pwd -P)"
			for argument; do printf 'argument %s\n' "$argument"; done
			env | LC_ALL=C sort | grep -vE '^(PWD|OLDPWD|SHLVL|_)=' | sed 's/^/env /'
			echo input:
			cat
			printf '\nend\n'
		} >>"$HOOK_LOG"
		[ -z "${HOOK_SIGNAL:-}" ] || kill -"$HOOK_SIGNAL" $$
		exit "${HOOK_EXIT:-0}"
	HOOK
	chmod 755 "$1"
}

movements_are_complete() # REPO
{
	runwake verify "$1" >"$T/verify.out" 2>&1 || { cat "$T/verify.out"; return 1; }
}

# How many movements of a repository hooks have brought into the store, without any command of ours having looked.
witnessed() # REPO
{
	wait_until 60 is_settled
	[ -e "$STATE/runwake.db" ] || { echo 0; return; }
	in_store_now "select count(*) from workflow_movements m join workflow_repositories r on r.id = m.repository_id
	     where r.common_dir = '$(git -C "$1" rev-parse --path-format=absolute --git-common-dir)'"
}
