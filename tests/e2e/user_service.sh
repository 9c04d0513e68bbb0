#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The watcher as a service of the user's systemd: what install.sh does with a manager that only notes what it is told, and
# with a real one, where a namespace of its own can be had for it.
# shellcheck source=tests/e2e/harness.sh disable=SC2164,SC2016 # t runs all under set -e; scripts of others stand in quotes
. "$(dirname "$0")/harness.sh"

PLACE="$T/a place"
UNIT=$XDG_CONFIG_HOME/systemd/user/runwake-watcher.service
WANTS=$XDG_CONFIG_HOME/systemd/user/default.target.wants
export VARIANT FAKE=$T/fake
VARIANT=$(basename "$BUILD")

install_script()
{
	(cd "$T" && PATH=$T/programs:$PATH "$ROOT/install.sh" --prefix "$PLACE" "$@") >"$T/said" 2>"$T/talk" || {
		local status=$?
		cat "$T/said" "$T/talk" >&2
		return "$status"
	}
}

# It does with files what systemctl does, and notes each call; "away" makes it a manager that cannot be reached.
fake_manager()
{
	mkdir -p "$T/programs" "$FAKE"
	: >"$FAKE/calls"
	cat >"$T/programs/systemctl" <<-'SCRIPT'
	#!/bin/bash
	wants=$XDG_CONFIG_HOME/systemd/user/default.target.wants
	[ "$1" = --user ] || exit 64
	shift
	[ ! -e "$FAKE/away" ] || exit 1
	[ "$1" = show-environment ] || echo "$*" >>"$FAKE/calls"
	case $1 in
	enable)
		[ ! -e "$FAKE/refuses" ] || { echo "Failed to enable" >&2; exit 1; }
		mkdir -p "$wants" && ln -s ../runwake-watcher.service "$wants/runwake-watcher.service" ;;
	disable)	rm -f "$wants/runwake-watcher.service"; rmdir "$wants" 2>/dev/null || : ;;
	is-enabled)	[ -L "$wants/runwake-watcher.service" ] ;;
	esac
	SCRIPT
	chmod 755 "$T/programs/systemctl"
}

calls() # what the manager was told since the last time, on one line
{
	tr '\n' ';' <"$FAKE/calls"
	: >"$FAKE/calls"
}

a_dry_run_says_it()
{
	fake_manager
	install_script --dry-run
	expect_match "what it says" "$(cat "$T/said")" "would write: $UNIT"
	expect_match "what it says" "$(cat "$T/said")" 'would run: systemctl --user enable --now'
	expect_eq "what the manager was told" "$(calls)" ""
	[ ! -e "$XDG_CONFIG_HOME/systemd" ] || fail "something was written"
}

it_is_set_up()
{
	XDG_STATE_HOME=$T/'a "state" 100% \full' install_script
	expect_eq "what the manager was told" "$(calls)" "daemon-reload;enable -q --now runwake-watcher.service;"
	expect_eq "the program" "$(grep ^ExecStart= "$UNIT")" "ExecStart=\"$PLACE/bin/runwake-watcher\""
	expect_eq "the state" "$(grep STATE "$UNIT")" "Environment=\"XDG_STATE_HOME=$T/a \\\"state\\\" 100%% \\\\full\""
	expect_eq "the settings" "$(grep CONFIG "$UNIT")" "Environment=\"XDG_CONFIG_HOME=$XDG_CONFIG_HOME\""
	! grep -q '^@\|=@' "$UNIT" || fail "a line was not filled in"
}

systemd_understands_it()
{
	needs systemd-analyze
	mkdir -p "$T/checked"
	# The program is what systemd looks for too.
	sed "s|^ExecStart=.*|ExecStart=\"$(command -v true)\"|" "$UNIT" >"$T/checked/runwake-watcher.service"
	export XDG_RUNTIME_DIR=$T/checked
	systemd-analyze verify --user --man=no "$T/checked/runwake-watcher.service" >"$T/out" 2>&1 || { cat "$T/out"; fail "it is refused"; }
	! grep -i 'runwake-watcher' "$T/out" || fail "it complains"
}

again_restarts_it()
{
	cp "$UNIT" "$T/unit.before"
	XDG_STATE_HOME=$T/'a "state" 100% \full' install_script
	expect_eq "what the manager was told" "$(calls)" \
		"daemon-reload;is-enabled -q runwake-watcher.service;restart runwake-watcher.service;"
	expect_same "the unit" "$UNIT" "$T/unit.before"
}

switched_off_stays_off()
{
	"$T/programs/systemctl" --user disable --now runwake-watcher.service
	calls >/dev/null
	install_script
	expect_eq "what the manager was told" "$(calls)" "daemon-reload;is-enabled -q runwake-watcher.service;"
	expect_match "what it says" "$(cat "$T/said")" 'switched off, and stays so'
}

a_manager_that_is_away()
{
	: >"$FAKE/away"
	echo "# old" >>"$UNIT"
	install_script
	expect_match "what it says" "$(cat "$T/said")" 'cannot be reached'
	! grep -q '^# old' "$UNIT" || fail "the unit is the old one"
	rm "$FAKE/away"
}

not_wanted_any_more()
{
	calls >/dev/null
	install_script --no-service
	expect_eq "what the manager was told" "$(calls)" "disable -q --now runwake-watcher.service;daemon-reload;"
	[ ! -e "$XDG_CONFIG_HOME/systemd" ] || fail "something is left: $(find "$XDG_CONFIG_HOME/systemd")"
	! grep -q '^unit' "$PLACE/share/runwake/manifest" || fail "the manifest still has it"
}

uninstalling_takes_it_out()
{
	mkdir -p "$XDG_CONFIG_HOME/systemd/user"
	echo "[Unit]" >"$XDG_CONFIG_HOME/systemd/user/theirs.service"
	find "$XDG_CONFIG_HOME" | sort >"$T/config.before"
	install_script
	[ -L "$WANTS/runwake-watcher.service" ] || fail "it is not enabled"
	calls >/dev/null
	# Another settings' directory by now.
	XDG_CONFIG_HOME=$XDG_CONFIG_HOME install_script --dry-run --uninstall
	expect_match "what it says" "$(cat "$T/said")" 'would run: systemctl --user disable'
	install_script --uninstall
	expect_eq "what the manager was told" "$(calls)" "disable -q --now runwake-watcher.service;daemon-reload;"
	find "$XDG_CONFIG_HOME" | sort >"$T/config.after"
	expect_same "the settings' directory" "$T/config.after" "$T/config.before"
	[ ! -e "$PLACE" ] || fail "something is left: $(find "$PLACE")"
}

one_of_others_is_left_alone()
{
	echo "[Service]" >"$UNIT"
	expect_exit 1 install_script
	expect_match "what it says" "$(cat "$T/err")" 'not of this script'
	expect_eq "what the manager was told" "$(calls)" ""
	install_script --uninstall
	expect_eq "their unit" "$(cat "$UNIT")" "[Service]"
	rm "$UNIT"
}

a_service_that_does_not_start_is_told()
{
	: >"$FAKE/refuses"
	expect_exit 1 install_script
	expect_match "what it says" "$(cat "$T/err")" 'does not start'
	"$PLACE/bin/runwake" version
	rm "$FAKE/refuses"
	install_script --uninstall
	[ ! -e "$UNIT" ] || fail "the unit is left"
}

without_a_manager()
{
	: >"$FAKE/away"
	install_script
	expect_match "what it says" "$(cat "$T/said")" 'no systemd user manager.*starts it when it is needed'
	[ ! -e "$UNIT" ] || fail "a unit was written"
}

nothing_runs_from_place()
{
	local all
	all=$(processes_of_test) # before there is a grep that has the path among its words
	! grep -qF "$PLACE/bin/runwake" <<<"$all"
}

# One that was started on demand gives way to the new version, and goes with it.
the_one_that_runs_is_replaced()
{
	local before after
	"$PLACE/bin/runwake-watcher" --detach
	before=$("$PLACE/bin/runwake-watcher" --status | jq .pid)
	install_script --dry-run
	expect_eq "after a dry run" "$("$PLACE/bin/runwake-watcher" --status | jq .pid)" "$before"
	install_script
	after=$("$PLACE/bin/runwake-watcher" --status | jq .pid)
	[ "$after" -gt 0 ] && [ "$after" != "$before" ] || fail "it is still $before"
	install_script --uninstall
	expect_match "what it says" "$(cat "$T/said")" 'Stopping the watcher'
	wait_until 60 nothing_runs_from_place
	[ ! -e "$PLACE" ] || fail "something is left: $(find "$PLACE")"
}

# ---- a real manager ---------------------------------------------------------------------------
# In namespaces of its own: mounts, so that /run looks like a booted system's and cgroups can be made; processes, so that
# nothing of it can be left. $1: what to do once it runs, a function of this script.
with_real_manager()
{
	needs systemctl unshare setsid
	[ -x /lib/systemd/systemd ] || skip "systemd is not installed"
	[ "$(id -u)" -eq 0 ] || skip "not root"
	unshare -m -p -f -C --mount-proc sh -c 'mount --make-rprivate / && mount -t tmpfs tmpfs /run' 2>/dev/null ||
		skip "no namespaces of its own can be had"
	declare -f >"$T/functions"
	cat >"$T/inside" <<-SCRIPT
		set -eu
		. "$T/functions"
		ROOT=$(printf %q "$ROOT") BUILD=$(printf %q "$BUILD") T=$T PLACE=$(printf %q "$PLACE") UNIT=$UNIT STATE=$STATE
		real_manager $1
	SCRIPT
	export HARNESS_NEVER T
	timeout 400 unshare -m -p -f -C --mount-proc --kill-child bash "$T/inside" || {
		local status=$?
		[ "$status" -ne 75 ] || skip "systemd does not run here: $(tail -n 1 "$T/systemd.log")"
		cat "$T/systemd.log"
		return "$status"
	}
}

# A user's systemd may be the first process of a cgroup that is its own; the harness and all else stay outside.
real_manager() # FUNCTION
{
	mount --make-rprivate /
	mount -t tmpfs tmpfs /run
	mkdir -p /run/systemd/system /run/user/0
	umount -R /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup || exit 75
	export XDG_RUNTIME_DIR=/run/user/0
	env -u DBUS_SESSION_BUS_ADDRESS setsid /lib/systemd/systemd --user --log-target=console >"$T/systemd.log" 2>&1 </dev/null &
	wait_until 60 systemctl --user -q is-system-running || exit 75
	"$1"
	systemctl --user exit
}

is_recorded() # HASH
{
	[ -f "$STATE/runwake.db" ] &&
		[ "$(sqlite "$STATE/runwake.db" "select count(*) from workflow_movements where new_hash = '$1'")" = 1 ]
}

main_pid()
{
	systemctl --user show -p MainPID --value runwake-watcher
}

is_another() # PID
{
	[ "$(main_pid)" -gt 0 ] && [ "$(main_pid)" != "$1" ] && "$PLACE/bin/runwake-watcher" --status >/dev/null
}

is_inactive()
{
	[ "$(systemctl --user show -p ActiveState --value runwake-watcher)" = inactive ]
}

commit_without_hooks() # SUBJECT; prints the hash
{
	git -C "$T/shop" -c core.hooksPath=/dev/null commit -q --allow-empty -m "$1"
	git -C "$T/shop" rev-parse HEAD
}

a_service_from_its_first_day_to_its_last()
{
	local pid
	new_repo "$T/shop"
	PATH=$PLACE/bin:$PATH
	(cd "$T" && "$ROOT/install.sh" --prefix "$PLACE" shop)
	expect_eq "its state" "$(systemctl --user is-active runwake-watcher) $(systemctl --user is-enabled runwake-watcher)" "active enabled"
	wait_until 60 is_recorded "$(commit_without_hooks "While the service runs")"
	pid=$(main_pid)
	expect_match "no new privileges, and filtered" "$(grep -E '^(NoNewPrivs|Seccomp):' "/proc/$pid/status" | tr -d '\t\n')" 'NoNewPrivs:1Seccomp:2'
	runwake doctor >"$T/doctor" || { cat "$T/doctor"; fail "doctor finds something broken"; }
	expect_match doctor "$(cat "$T/doctor")" 'ok +service +runwake-watcher.service is enabled'
	systemctl --user reload runwake-watcher
	expect_eq "after a reload" "$(main_pid)" "$pid"
	# It dies: another one comes, and nothing that happened meanwhile is lost.
	kill -9 "$pid"
	local meanwhile
	meanwhile=$(commit_without_hooks "While nobody looks")
	wait_until 60 is_another "$pid"
	wait_until 60 is_recorded "$meanwhile"
	# One by hand takes over, and the service stays down: it has not failed.
	runwake-watcher >"$T/by-hand" 2>&1 </dev/null &
	wait_until 60 is_inactive
	wait_until 60 runwake-watcher --status >/dev/null
	wait_until 60 is_recorded "$(commit_without_hooks "While one runs by hand")"
	expect_eq "its result" "$(systemctl --user show -p Result --value runwake-watcher)" success
	# The next version takes over from whatever runs.
	(cd "$T" && "$ROOT/install.sh" --prefix "$PLACE")
	expect_eq "after installing again" "$(systemctl --user is-active runwake-watcher)" active
	(cd "$T" && "$ROOT/install.sh" --prefix "$PLACE" --uninstall)
	expect_eq "after uninstalling" "$(systemctl --user show -p LoadState --value runwake-watcher)" not-found
	! pgrep -f "$PLACE/bin/runwake" || fail "one still runs"
	[ ! -e "$PLACE" ] || fail "something is left: $(find "$PLACE")"
	[ ! -e "$UNIT" ] || fail "the unit is left"
}

t "a dry run says what would be done" a_dry_run_says_it
t "the service is written, enabled and started" it_is_set_up
t "systemd understands the unit" systemd_understands_it
t "installing again starts the new version" again_restarts_it
t "one that was switched off stays off" switched_off_stays_off
t "a manager that is away is no failure" a_manager_that_is_away
t "--no-service takes it out" not_wanted_any_more
t "uninstalling takes out what was put in" uninstalling_takes_it_out
t "a unit of others is left alone" one_of_others_is_left_alone
t "a service that does not start is told" a_service_that_does_not_start_is_told
t "without a manager nothing is set up" without_a_manager
t "a watcher that runs is replaced, and goes" the_one_that_runs_is_replaced
rm -f "$T/programs/systemctl"
t "a real manager runs it, starts it again, lets it go" with_real_manager a_service_from_its_first_day_to_its_last
end_tests
