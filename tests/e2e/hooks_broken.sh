#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Whatever is wrong with us, git goes on: our programs gone, empty, garbage, without their loader, crashing; the state
# directory unwritable; input without end. The old hook runs with its input, and a person is told once.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"
# shellcheck source=tests/e2e/hooks_common.bash
. "$(dirname "$0")/hooks_common.bash"

ZERO=$(printf '%040d' 0)

# ---- our programs are broken -----------------------------------------------------------------------
break_gone() { rm -f "$1"; }
break_empty() { rm -f "$1"; : >"$1"; chmod 755 "$1"; }
break_not_executable() { chmod 644 "$1"; }
break_directory() { rm -f "$1"; mkdir "$1"; }
break_truncated() { head -c 5000 "$1" >"$1.new"; chmod 755 "$1.new"; mv "$1.new" "$1"; }
break_zeros() { rm -f "$1"; head -c 100000 /dev/zero >"$1"; chmod 755 "$1"; }

break_garbage()
{
	rm -f "$1"
	# The same bytes each time; not "#!", not an ELF header, and nothing that a shell would do harm with.
	LC_ALL=C awk 'BEGIN { srand(7); for (i = 0; i < 200; i++) printf "%c%s", 128 + int(rand() * 127), i % 20 ? "" : "\n" }' >"$1"
	chmod 755 "$1"
}

compile() # OUT SOURCE FLAG…
{
	local out=$1 source=$2
	shift 2
	rm -f "$out"
	printf '%s\n' "$source" | "${CC:-cc}" -x c - -o "$out" "$@"
}

break_without_loader() { compile "$1" 'int main(void){return 0;}' -Wl,--dynamic-linker=/nonexistent/ld.so; }
break_crashing() { compile "$1" 'int main(void){__builtin_trap();}'; }
break_failing() { compile "$1" 'int main(void){return 42;}'; }

# Another machine's: the header says so.
break_foreign()
{
	chmod 755 "$1"
	printf '\xf3' | dd of="$1" bs=1 seek=18 conv=notrunc status=none
}

old_hooks_run() # HOW
{
	local prefix repo=$T/broken-$1 name
	needs "${CC:-cc}"
	prefix=$(own_prefix "$T/prefix-$1")
	new_repo "$repo"
	git init -q --bare "$repo.git"
	for name in post-commit post-rewrite pre-push; do write_shell_hook "$repo/.git/hooks/$name"; done
	"$prefix/bin/runwake" install "$repo"
	for name in "${HOOK_NAMES[@]}"; do "break_$1" "$prefix/libexec/runwake/hooks/$name"; done
	cd "$repo"
	export HOOK_LOG=$T/broken-$1.log
	git commit -q --allow-empty -m One
	git commit -q --allow-empty --amend -m Two
	git checkout -q -b other
	! HOOK_EXIT=1 timeout 20 git push -q "$repo.git" other || fail "the old pre-push says no, and git pushes"
	timeout 20 git push -q "$repo.git" other
	expect_eq "runs of the old hooks" "$(grep -c '^hook' "$HOOK_LOG")" 5
	expect_eq "input of post-rewrite" "$(grep -cE '^[0-9a-f]{40} [0-9a-f]{40}$' "$HOOK_LOG")" 1
	expect_eq "input of pre-push" "$(grep -cx "refs/heads/other $(git rev-parse HEAD) refs/heads/other $ZERO" "$HOOK_LOG")" 2
	expect_exit 1 "$prefix/bin/runwake" doctor "$repo"
	# A whole installation finds what the broken one has missed.
	runwake install "$repo"
	runwake doctor "$repo"
	runwake verify --repair "$repo" || :
	movements_are_complete "$repo"
	runwake install --uninstall "$repo"
}

# The same where there is no old hook: links and a shim alone.
git_goes_on() # HOW
{
	local prefix repo=$T/alone-$1 name
	needs "${CC:-cc}"
	prefix=$(own_prefix "$T/prefix-alone-$1")
	new_repo "$repo"
	git init -q --bare "$repo.git"
	"$prefix/bin/runwake" install "$repo"
	for name in "${HOOK_NAMES[@]}"; do "break_$1" "$prefix/libexec/runwake/hooks/$name"; done
	cd "$repo"
	timeout 20 git commit -q --allow-empty -m One || :
	timeout 20 git commit -q --allow-empty --amend -m Two || :
	timeout 20 git push -q "$repo.git" main
	expect_eq "commits" "$(git log --format=%s | xargs)" "Two Begin"
	expect_eq "pushed" "$(git --git-dir="$repo.git" log --format=%s main | xargs)" "Two Begin"
}

for how in gone empty not_executable directory truncated zeros garbage without_loader crashing failing foreign; do
	t "programs $how: the old hooks run" old_hooks_run "$how"
	t "programs $how: git goes on" git_goes_on "$how"
done

# ---- what is around us is broken -------------------------------------------------------------------
told() # FILE; how many lines of ours are in it
{
	grep -c '^runwake: ' "$1" || :
}

# root may write everywhere: a file in the place of the directory stops it, too.
state_in_the_way()
{
	local repo=$T/state-bad
	wired_repo "$repo"
	wait_until 60 is_settled
	mv "$XDG_STATE_HOME/runwake" "$T/state-aside"
	: >"$XDG_STATE_HOME/runwake"
	cd "$repo"
	git commit -q --allow-empty -m One 2>"$T/err"
	git commit -q --allow-empty -m Two 2>>"$T/err"
	git commit -q --allow-empty --amend -m Three 2>>"$T/err"
	rm "$XDG_STATE_HOME/runwake"
	mv "$T/state-aside" "$XDG_STATE_HOME/runwake"
	cat "$T/err"
	expect_eq "lines that the person was told" "$(told "$T/err")" 1
	expect_eq "all that was said" "$(wc -l <"$T/err")" 1
	git commit -q --allow-empty -m Four 2>"$T/err"
	expect_eq "what is said when it is mended" "$(cat "$T/err")" ""
	wait_until 60 is_settled
	movements_are_complete "$repo"
}

# No pushes are lost in silence: the person reads of it, and git pushes.
push_untold()
{
	local repo=$T/push-bad
	wired_repo "$repo"
	git init -q --bare "$repo.git"
	wait_until 60 is_settled
	mv "$XDG_STATE_HOME/runwake" "$T/state-aside"
	: >"$XDG_STATE_HOME/runwake"
	git -C "$repo" push -q "$repo.git" main 2>"$T/err"
	rm "$XDG_STATE_HOME/runwake"
	mv "$T/state-aside" "$XDG_STATE_HOME/runwake"
	expect_eq "lines that the person was told" "$(told "$T/err")" 1
	expect_eq "pushed" "$(git --git-dir="$repo.git" log --format=%s main)" Begin
}

bad_marker()
{
	local repo=$T/marker-bad
	wired_repo "$repo"
	cd "$repo"
	echo '{"version":1,"run_id":' >.runwake
	git commit -q --allow-empty -m One 2>"$T/err"
	git commit -q --allow-empty -m Two 2>>"$T/err"
	cat "$T/err"
	expect_eq "lines that the person was told" "$(told "$T/err")" 1
	rm .runwake
	wait_until 60 is_settled
	movements_are_complete "$repo"
}

# A user whom the password file does not know and who has no HOME: there is no place for a spool.
no_home()
{
	local repo=$T/homeless
	[ "$(id -u)" -eq 0 ] || skip "only root may become another user"
	needs setpriv
	wired_repo "$repo"
	chmod 711 "$T"
	chmod -R a+rX "$PREFIX" "$HOME"
	chown -R 54321:54321 "$repo"
	(cd "$repo" && env -u HOME -u XDG_STATE_HOME -u XDG_CONFIG_HOME \
	    setpriv --reuid=54321 --regid=54321 --clear-groups git commit -q --allow-empty -m One) 2>"$T/err"
	cat "$T/err"
	expect_eq "lines that the person was told" "$(told "$T/err")" 1
	chown -R 0:0 "$repo"
	runwake verify --repair "$repo" >/dev/null || :
	movements_are_complete "$repo"
}

closed_streams()
{
	local repo=$T/closed
	wired_repo "$repo"
	(cd "$repo" && git commit -q --allow-empty -m One <&- >&- 2>&-)
	(cd "$repo" && "$PROGRAMS/post-commit" <&- >&- 2>&-)
	(cd "$repo" && "$PROGRAMS/post-rewrite" amend <&- >&- 2>&-)
	wait_until 60 is_settled
	movements_are_complete "$repo"
	git -C "$repo" fsck --strict >/dev/null
}

said_nothing()
{
	local repo=$T/silent
	wired_repo "$repo"
	git init -q --bare "$repo.git"
	cd "$repo"
	{
		git commit -q --allow-empty -m One
		git commit -q --allow-empty --amend -m Two
		git checkout -q -b other
		git merge -q --ff-only main
		git push -q "$repo.git" other
		RUNWAKE_RUN_ID='not a run id' git commit -q --allow-empty -m Three
	} >"$T/out" 2>&1
	expect_eq "what is said in the normal case" "$(cat "$T/out")" ""
}

# ---- input without measure -------------------------------------------------------------------------
lines_of_push() # COUNT
{
	awk -v count="$1" 'BEGIN { for (i = 0; i < count; i++) printf "refs/heads/b%d %040x refs/heads/b%d %040x\n", i, i + 1, i, 0 }'
}

input_is_whole() # SECONDS COUNT HOOK…: what the old pre-push reads is what we were given
{
	local seconds=$1 count=$2
	shift 2
	rm -f "$T/read.sum" "$T/given.sum"	# of the time before; who counts may come late
	lines_of_push "$count" | tee >(sha256sum >"$T/given.sum") | timeout "$seconds" "$@" origin url
	wait_until 60 test -s "$T/given.sum"
	expect_same "the input" "$T/read.sum" "$T/given.sum"
}

long_input()
{
	local repo=$T/long hooks
	new_repo "$repo"
	hooks=$repo/.git/hooks
	printf '#!/bin/sh\nsha256sum >"%s"\n' "$T/read.sum" >"$hooks/pre-push"
	chmod 755 "$hooks/pre-push"
	# Our program itself, and the hook that it hides.
	cd "$repo"
	for count in 0 1 600 700 20000; do input_is_whole 60 "$count" "$PROGRAMS/pre-push"; done
	runwake install "$repo"
	for count in 0 1 600 700 20000; do
		input_is_whole 60 "$count" "$PROGRAMS/pre-push"
		input_is_whole 60 "$count" "$hooks/pre-push"
	done
	# Twice each: by the program, which finds the old hook behind the shim, and by the shim.
	expect_eq "refs recorded" "$(in_store "select count(*) from workflow_pushes p, workflow_repositories r
	    where r.id = p.repository_id and r.common_dir = '$repo/.git'")" $((2 * (1 + 600 + 700 + 20000)))
}

# More than 64 MiB is not recorded, but passed on.
endless_input()
{
	local repo=$T/endless
	new_repo "$repo"
	printf '#!/bin/sh\nsha256sum >"%s"\n' "$T/read.sum" >"$repo/.git/hooks/pre-push"
	chmod 755 "$repo/.git/hooks/pre-push"
	git -C "$repo" config core.hooksPath "$PROGRAMS"
	runwake install "$repo"
	cd "$repo"
	input_is_whole 120 700000 "$PROGRAMS/pre-push" 2>"$T/err"
	expect_eq "lines that the person was told" "$(told "$T/err")" 1
}

# A hook that reads nothing and ends: git must not hear of it.
input_unread()
{
	local repo=$T/unread
	new_repo "$repo"
	printf '#!/bin/sh\nexit 0\n' >"$repo/.git/hooks/pre-push"
	chmod 755 "$repo/.git/hooks/pre-push"
	cd "$repo"
	lines_of_push 20000 >"$T/lines"
	"$PROGRAMS/pre-push" origin url <"$T/lines"
	runwake install "$repo"
	"$repo/.git/hooks/pre-push" origin url <"$T/lines" >"$T/out" 2>&1
	expect_eq "what is said" "$(cat "$T/out")" ""
	# And where broken pipes are ignored, as under some parents.
	(trap '' PIPE && "$repo/.git/hooks/pre-push" origin url <"$T/lines") >"$T/out" 2>&1
	expect_eq "what is said" "$(cat "$T/out")" ""
}

odd_input()
{
	local repo=$T/odd-input
	wired_repo "$repo"
	cd "$repo"
	printf 'HEAD@{1 day ago} %040x refs/heads/x %040x\n' 1 2 | "$PROGRAMS/pre-push" 'https://ann:secret@example.org/x.git' \
	    'https://ann:secret@example.org/x.git?token=secret'
	expect_eq "the ref" "$(in_store "select p.local_ref from workflow_pushes p, workflow_repositories r
	    where r.id = p.repository_id and r.common_dir = '$repo/.git'")" 'HEAD@{1 day ago}'
	grep -rq secret "$STATE" && fail "a password is in the record"
	# What git never says is refused, and the person hears of it; the hook ends well.
	printf 'nonsense\n\n \n' | "$PROGRAMS/pre-push" origin url 2>"$T/err"
	expect_eq "lines that the person was told" "$(told "$T/err")" 1
	printf '\0\xff\n' | "$PROGRAMS/post-rewrite" rebase
	"$PROGRAMS/post-checkout"
	"$PROGRAMS/post-checkout" a
	"$PROGRAMS/pre-push" </dev/null
}

# Another program's hook without "#!" is run by a shell, one that cannot be run is named: as git does it.
chained_oddly()
{
	local repo=$T/chained-oddly status=0
	new_repo "$repo"
	git -C "$repo" config core.hooksPath "$PROGRAMS"
	cd "$repo"
	printf 'echo "$1" >"%s"; exit 5\n' "$T/bare.out" >.git/hooks/pre-push
	chmod 755 .git/hooks/pre-push
	"$PROGRAMS/pre-push" origin url </dev/null || status=$?
	expect_eq "exit code" "$status" 5
	expect_eq "its argument" "$(cat "$T/bare.out")" origin
	printf '#!/nonexistent/interpreter\n' >.git/hooks/pre-push
	status=0
	"$PROGRAMS/pre-push" origin url </dev/null 2>"$T/err" || status=$?
	expect_eq "exit code" "$status" 127
	expect_match "what is said" "$(cat "$T/err")" 'hooks/pre-push'
}

t "the state directory cannot be written" state_in_the_way
t "a push that cannot be recorded" push_untold
t "a corrupt marker" bad_marker
t "no home" no_home
t "closed streams" closed_streams
t "nothing is said in the normal case" said_nothing
t "long input reaches the old hook whole" long_input
t "so does input beyond all measure" endless_input
t "an old hook that reads nothing" input_unread
t "odd input" odd_input
t "an odd hook behind our programs" chained_oddly
end_tests
