#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What doctor tells of the watcher: none runs, one runs, one hangs or was killed, one that has too few watches; and of
# its service.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"

export XDG_RUNTIME_DIR=$T/runtime
mkdir -p "$XDG_RUNTIME_DIR"

watcher_pid()
{
	runwake-watcher --status | jq .pid
}

none_runs()
{
	wired_repo "$T/shop"
	runwake doctor >"$T/out"
	expect_match "switched off" "$(cat "$T/out")" 'note +watcher +is not running, and the setting runwake.watcher keeps'
	expect_match "its mend" "$(cat "$T/out")" 'mend: runwake-watcher --detach'
	expect_match "the service" "$(cat "$T/out")" 'ok +service +no systemd of yours runs here'
	printf '' >"$XDG_CONFIG_HOME/runwake/config"
	runwake doctor >"$T/out"
	expect_match "on demand" "$(cat "$T/out")" 'ok +watcher +is not running; the next start of a run starts it'
	write_settings
	(cd "$T/shop" && runwake start --run-id one)
	printf '' >"$XDG_CONFIG_HOME/runwake/config"
	runwake doctor >"$T/out"
	expect_match "a run is active" "$(cat "$T/out")" 'note +watcher +is not running while 1 run is active'
	write_settings
	(cd "$T/shop" && runwake finish one)
}

one_runs()
{
	local pid
	mkdir -p "$T/shop/src/deep"
	start_watcher
	pid=$(watcher_pid)
	runwake doctor >"$T/out"
	expect_match "who it is" "$(cat "$T/out")" "ok +watcher +$(cat "$ROOT/VERSION"), pid $pid, up [0-9]+s, 1 worktree, [0-9]+ watches, 0 active runs, [0-9.]+ MiB"
	expect_match "its recorder" "$(cat "$T/out")" 'ok +watcher +its recorder (runs, pid|is away until something happens)'
	expect_match "its lag" "$(cat "$T/out")" 'ok +watcher +behind by [0-9]+ ms with edits, [0-9]+ ms with the spool'
	expect_match "the worktree" "$(cat "$T/out")" "ok +watcher +$T/shop: watched, 3 directories, the first scan took [0-9]+ ms"
	expect_json "as a document" "$(runwake doctor --json)" '[.findings[] | select(.topic == "watcher") | .state] | unique | join(" ")' ok
}

one_hangs()
{
	local pid
	pid=$(watcher_pid)
	kill -STOP "$pid"
	expect_exit 1 runwake doctor
	kill -CONT "$pid"
	expect_match "what it says" "$(cat "$T/out")" 'broken +watcher +the watcher (does not answer|takes no call) within 2 seconds'
	expect_match "its mend" "$(cat "$T/out")" 'mend: runwake-watcher takes over from one that hangs'
}

doctor_says() # EXTENDED-REGEX
{
	runwake doctor >"$T/out" || :
	grep -qE "$1" "$T/out"
}

# A killed process is no watcher to ps before the kernel has given its lock back.
one_was_killed()
{
	kill -9 "$(watcher_pid)"
	wait_until 60 doctor_says 'note +watcher +is not running'
}

too_few_watches()
{
	local limit=/proc/sys/user/max_inotify_watches
	unshare -Ur sh -c "echo 40 >$limit" 2>/dev/null || skip "no user namespace with a limit of its own can be had"
	mkdir -p "$T/shop"/many/{1..60}
	unshare -Ur sh -c "echo 40 >$limit; exec runwake-watcher" >"$T/watcher.out" 2>&1 </dev/null &
	wait_until 60 watcher_is_ready || { cat "$T/watcher.out"; fail "the watcher is not ready"; }
	expect_exit 1 runwake doctor
	stop_watcher
	expect_match "what it says" "$(cat "$T/out")" "broken +watcher +$T/shop: is not watched, only looked through"
	expect_match "the number" "$(cat "$T/out")" 'max_(user|inotify)_watches'
	rm -r "$T/shop/many"
}

an_enabled_service_that_does_not_run()
{
	local units=$XDG_CONFIG_HOME/systemd/user
	mkdir -p "$units/default.target.wants" "$XDG_RUNTIME_DIR/systemd"
	runwake doctor >"$T/out"
	: >"$XDG_RUNTIME_DIR/systemd/private"
	runwake doctor >"$T/out"
	expect_match "none is there" "$(cat "$T/out")" 'note +service +your systemd has no runwake-watcher.service'
	echo "[Unit]" >"$units/runwake-watcher.service"
	runwake doctor >"$T/out"
	expect_match "it is switched off" "$(cat "$T/out")" 'mend: systemctl --user enable --now runwake-watcher'
	ln -s ../runwake-watcher.service "$units/default.target.wants/runwake-watcher.service"
	expect_exit 1 runwake doctor
	expect_match "it does not run" "$(cat "$T/out")" 'broken +watcher +is not running, though its service is enabled'
	rm -r "$units" "$XDG_RUNTIME_DIR/systemd"
}

the_program_is_missing()
{
	local prefix
	prefix=$(own_prefix "$T/prefix2")
	rm "$prefix/bin/runwake-watcher"
	expect_exit 1 "$prefix/bin/runwake" doctor
	expect_match "what it says" "$(cat "$T/out")" "broken +watcher +$prefix/bin/runwake-watcher: is not there"
}

page_and_help_have_every_option()
{
	local option
	runwake-watcher --help | grep -oE -- '--[a-z]+' | sort -u >"$T/options"
	[ "$(wc -l <"$T/options")" -ge 5 ] || fail "the program tells of too few options: $(cat "$T/options")"
	runwake help watcher >"$T/help"
	sed 's/\\-/-/g' "$PREFIX/share/man/man1/runwake-watcher.1" >"$T/page"
	while read -r option; do
		grep -qF -- "$option" "$T/help" || fail "$option is not in the help"
		grep -qF -- "$option" "$T/page" || fail "$option is not in the man page"
		grep -E "^complete .*runwake-watcher" "$PREFIX/share/bash-completion/completions/runwake" |
			grep -qF -- "$option" || fail "$option is not completed"
	done <"$T/options"
}

t "none runs" none_runs
t "one runs" one_runs
t "one hangs" one_hangs
t "one was killed" one_was_killed
t "one has too few watches" too_few_watches
t "a service that is enabled and does not run" an_enabled_service_that_does_not_run
t "the program is missing" the_program_is_missing
t "man page, help and completion have every option" page_and_help_have_every_option
end_tests
