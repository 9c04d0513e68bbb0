#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What goes wrong around Runwake: in each case git succeeds, nothing that was recorded is lost, what was missed is
# recorded as soon as it can be, and the user is told once.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"

# Each test has a state directory and a repository of its own.
stage() # NAME
{
	export XDG_STATE_HOME=$T/$1/state
	STATE=$XDG_STATE_HOME/runwake
	REPO=$T/$1/project
	mkdir -p "$XDG_STATE_HOME"
	wired_repo "$REPO"
	cd "$REPO"
	wc -l <.git/logs/HEAD >"$T/$1/baseline"
}

# git must succeed, and say of us what it says within ten seconds.
commit_told() # SUBJECT: what was said of Runwake is in $T/told
{
	printf '%s\n' "$1" >>work
	git add work
	timeout 10 git commit -q -m "$1" 2>"$T/told" || fail "git commit failed: $(cat "$T/told")"
}

times_told()
{
	grep -c . "$T/told" || :
}

recorded() # how many movements of this repository's main worktree
{
	in_store "select count(*) from workflow_movements where git_dir = '$REPO/.git'"
}

moved() # how many there were, as git says
{
	echo $(($(wc -l <"$REPO/.git/logs/HEAD") - $(cat "$(dirname "$REPO")/baseline")))
}

all_is_recorded()
{
	expect_eq "recorded movements" "$(recorded)" "$(moved)"
	expect_json "verify" "$(runwake verify --json "$REPO")" '.gaps | length' 0
}

commits_of_run() # RUN
{
	runwake show "$1" --json | jq -r '.commits | length'
}

may_mount()
{
	[ "$(id -u)" -eq 0 ] || skip "only root may mount"
	mkdir -p "$T/try"
	mount -t tmpfs -o size=64k tmpfs "$T/try" 2>/dev/null || skip "mounting is not permitted here"
	umount "$T/try"
}

# ---- the state directory ----------------------------------------------------------------------
disk_full()
{
	may_mount
	stage full
	runwake start --workflow test --task "Fill the disk" --run-id full >/dev/null
	commit_told "before"
	runwake record
	wait_until 60 is_settled
	# The same state directory on a disk of its own.
	cp -a "$STATE" "$T/full/saved"
	mount -t tmpfs -o size=2m,mode=700 tmpfs "$STATE"
	trap 'umount -l "$STATE"' EXIT
	cp -a "$T/full/saved/." "$STATE/"
	cat /dev/zero >"$STATE/filler" 2>/dev/null || :
	commit_told "full 1"
	expect_eq "times told" "$(times_told)" 1
	expect_match "what is told" "$(cat "$T/told")" 'runwake'
	commit_told "full 2"
	git reset -q --hard HEAD~1
	expect_exit 6 runwake list || expect_exit 1 runwake list
	rm "$STATE/filler"
	commit_told "room again"
	all_is_recorded
	expect_eq "commits of the run" "$(commits_of_run full)" 4
	wait_until 60 is_settled
}

read_only_home()
{
	stage readonly
	commit_told "before"
	runwake record
	wait_until 60 is_settled
	if [ "$(id -u)" -eq 0 ]; then
		may_mount
		mount --bind "$XDG_STATE_HOME" "$XDG_STATE_HOME"
		trap 'umount -l "$XDG_STATE_HOME"' EXIT
		mount -o remount,bind,ro "$XDG_STATE_HOME"
	else
		chmod -R a-w "$XDG_STATE_HOME"
	fi
	commit_told "read-only 1"
	expect_eq "times told" "$(times_told)" 1
	commit_told "read-only 2"
	wait_until 60 no_recorder_is_left
	if [ "$(id -u)" -eq 0 ]; then
		umount "$XDG_STATE_HOME"
		trap - EXIT
	else
		chmod -R u+w "$XDG_STATE_HOME"
	fi
	commit_told "writable again"
	all_is_recorded
}

no_home_at_all()
{
	stage homeless
	(
		unset XDG_STATE_HOME XDG_CONFIG_HOME
		export HOME=/dev/null/nowhere
		commit_told "without a home"
	)
	expect_eq "times told" "$(times_told)" 1
	commit_told "with a home"
	all_is_recorded
}

corrupt_spool()
{
	local lines
	stage spool
	commit_told "one"
	wait_until 60 is_settled
	mkdir -p "$STATE/spool/in"
	{
		printf 'not a line of ours\n'
		printf '00000000 {"v":1}\n'
		head -c 300 /dev/urandom
		printf '\n\n'
		printf 'deadbeef {"v":1,"id":"'
	} >>"$STATE/spool/in/current"
	commit_told "two"
	all_is_recorded
	lines=$(find "$STATE/spool/quarantine" -type f | wc -l)
	[ "$lines" -ge 1 ] || fail "nothing was set aside"
	expect_exit 1 runwake doctor "$REPO"
	grep -qiE 'set aside|quarantine' "$T/out" "$T/err" || fail "doctor does not tell: $(cat "$T/out" "$T/err")"
	commit_told "three"
	all_is_recorded
}

store_is_garbage()
{
	stage garbage
	commit_told "one"
	wait_until 60 is_settled
	runwake list >/dev/null
	cp "$STATE/runwake.db" "$T/garbage/saved.db"
	rm -f "$STATE"/runwake.db-*
	head -c 8192 /dev/urandom >"$STATE/runwake.db"
	commit_told "two"
	expect_exit 6 runwake list
	wait_until 60 no_recorder_is_left
	rm -f "$STATE"/runwake.db-*
	cp "$T/garbage/saved.db" "$STATE/runwake.db"
	commit_told "three"
	all_is_recorded
}

# A table that is not as we made it is no event's fault.
store_lacks_a_table()
{
	stage lacking
	commit_told "one"
	wait_until 60 is_settled
	sqlite "$STATE/runwake.db" "alter table workflow_movements rename to elsewhere"
	commit_told "two"
	wait_until 60 no_recorder_is_left
	expect_exit 6 runwake record
	expect_match "what it says" "$(cat "$T/err")" "no such table: workflow_movements"
	expect_json "status" "$(runwake db status --json 2>/dev/null || :)" '[.quarantined, .waiting_bytes > 0] | map(tostring) | join(" ")' \
	    "0 true"
	sqlite "$STATE/runwake.db" "alter table elsewhere rename to workflow_movements"
	commit_told "three"
	all_is_recorded
}

# ---- the marker -------------------------------------------------------------------------------
corrupt_markers()
{
	stage marker
	local expected=0
	runwake start --workflow test --task "Be misled" --run-id misled >/dev/null
	cp .runwake "$T/marker/saved"
	make_garbage() { head -c 100 /dev/urandom >.runwake; }
	make_other_schema() { echo '{"version":1,"run":"x"}' >.runwake; }
	make_huge() { { printf '{"version":1,"run_id":"misled","x":"'; head -c 100000 /dev/zero | tr '\0' x; printf '"}'; } >.runwake; }
	make_empty() { : >.runwake; }
	make_fifo() { mkfifo .runwake; }
	make_directory() { mkdir .runwake; }
	make_link() { ln -s "$T/marker/saved" .runwake; }
	make_dangling() { ln -s /nonexistent .runwake; }
	make_hostile() { printf '{"version":1,"run_id":"../../x","workspace_id":"%s"}' "\$(touch $T/pwned)" >.runwake; }
	for make in garbage other_schema huge empty fifo directory link dangling hostile; do
		rm -rf .runwake
		"make_$make"
		commit_told "$make"
		[ "$(times_told)" -le 1 ] || fail "$make: told $(times_told) times: $(cat "$T/told")"
		expected=$((expected + 1))
	done
	rm -rf .runwake
	cp "$T/marker/saved" .runwake
	all_is_recorded
	# The run still held the workspace, whatever lay in the marker's place.
	expect_eq "commits of the run" "$(commits_of_run misled)" "$expected"
	[ ! -e "$T/pwned" ] || fail "a marker was executed"
	runwake finish --status completed
}

marker_of_another_run()
{
	stage another
	git worktree add -q -b other "$T/another/other"
	runwake start --workflow test --task "Here" --run-id here >/dev/null
	(cd "$T/another/other" && runwake start --workflow test --task "There" --run-id there >/dev/null)
	cp .runwake "$T/another/other/.runwake"
	(cd "$T/another/other" && commit_told "with the marker of another workspace")
	commit_told "with its own"
	expect_eq "commits of here" "$(commits_of_run here)" 1
	expect_eq "commits of there" "$(commits_of_run there)" 1
	expect_json "there" "$(runwake show there --json)" '.commits[0].subject' "with the marker of another workspace"
	all_is_recorded
}

# ---- hostile words ----------------------------------------------------------------------------
hostile_words()
{
	local branch subject n=0 shown
	local -a subjects branches
	stage hostile
	runwake start --workflow test --task $'Robert\'); drop table workflow_runs;-- \e[2J' --run-id hostile >/dev/null
	subjects=("'); drop table workflow_runs; --" "\$(touch $T/pwned)" "\`touch $T/pwned\`" $'\e]0;title\a\e[31mred' \
	    '"quoted" \back\slash' '%s%n%d $1 {}' $'tab\tand\rreturn' "$(head -c 100000 /dev/zero | tr '\0' y)" \
	    'ünïcödé 𝄞' $'\xff\xfe not UTF-8' '{"json":[' '-n --help' $'\u202egnp.exe')
	branches=("'drop-table-workflow_runs;--" "\$(touch\${IFS}pwned)" "a|b&c;d" '"q"' 'ünïcödé' 'x/../y' $'\xff' '-dash' '{}')
	for subject in "${subjects[@]}"; do
		n=$((n + 1))
		printf '%d\n' "$n" >>"file $n"$'\n\t"'
		git add -A
		git commit -q -m "$subject" 2>"$T/told"
		! grep -i runwake "$T/told" || fail "told of a subject that is git's affair"
	done
	for branch in "${branches[@]}"; do
		git check-ref-format "refs/heads/$branch" || continue
		git update-ref "refs/heads/$branch" HEAD
		git symbolic-ref HEAD "refs/heads/$branch"
		commit_told "on a hostile branch"
		n=$((n + 1))
	done
	git checkout -q main
	all_is_recorded
	expect_eq "commits of the run" "$(commits_of_run hostile)" "$n"
	runwake show hostile --json | jq -e '.commits | all(.files | length == 1)' >/dev/null || fail "files are not as they were"
	for n in 0 1 4 5 8; do
		runwake show hostile --json | jq -e --arg s "${subjects[n]}" 'any(.commits[]; .subject == $s)' >/dev/null ||
			fail "a subject is not as it was: ${subjects[n]}"
	done
	for shown in "list" "show hostile" "log hostile" "show main~3" "verify"; do
		# shellcheck disable=SC2086
		runwake $shown >"$T/out" 2>&1
		! LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]' "$T/out" || fail "$shown lets control characters through"
	done
	[ ! -e "$T/pwned" ] && [ ! -e pwned ] || fail "something was executed"
	runwake finish --status failed --error $'it\'s "broken"\e[0m'
	expect_json "the run" "$(runwake show hostile --json)" '.run.error_message' $'it\'s "broken"\e[0m'
}

# ---- the installation -------------------------------------------------------------------------
pushes() # WHEN: a push runs the user's pre-push, with its input, and obeys it
{
	git commit -q --allow-empty -m "push $1"
	: >"$T/pushed"
	timeout 10 git push -q origin main 2>"$T/told" || fail "$1: git push failed: $(cat "$T/told")"
	expect_match "$1: what the user's pre-push read" "$(cat "$T/pushed")" "^refs/heads/main $(git rev-parse HEAD) refs/heads/main "
	expect_eq "$1: what arrived" "$(git -C ../origin.git rev-parse main)" "$(git rev-parse HEAD)"
	git commit -q --allow-empty -m "refused $1"
	! REFUSE=1 git push -q origin main 2>/dev/null || fail "$1: the user's pre-push refused, and git pushed all the same"
}

broken_installation()
{
	local hooks
	stage broken
	own_prefix "$T/broken/prefix" >/dev/null
	hooks=$T/broken/prefix/libexec/runwake/hooks
	git init -q --bare ../origin.git
	git remote add origin ../origin.git
	runwake install --uninstall . >/dev/null
	cat >.git/hooks/pre-push <<-HOOK
		#!/bin/sh
		cat >"$T/pushed"
		test -z "\$REFUSE"
	HOOK
	chmod +x .git/hooks/pre-push
	"$T/broken/prefix/bin/runwake" install . >/dev/null
	wc -l <.git/logs/HEAD >../baseline
	pushes "whole"
	# Libraries that are none.
	mkdir ../lib
	for library in libjansson.so.4 libuuid.so.1 libgit2.so.1.5 libsqlite3.so.0; do
		echo garbage >"../lib/$library"
	done
	LD_LIBRARY_PATH=$T/broken/lib pushes "wrong library path"
	for hook in "$hooks"/*; do
		[ -L "$hook" ] || { rm "$hook"; head -c 5000 /dev/urandom >"$hook"; chmod +x "$hook"; }
	done
	pushes "programs overwritten"
	# An ELF program whose loader is not there.
	for hook in "$hooks"/*; do
		[ -L "$hook" ] || without_loader "$hook"
	done
	pushes "loader missing"
	rm -rf "$T/broken/prefix"
	pushes "all of it gone"
	# The first working hook, or verify, records it all.
	runwake install . >/dev/null
	pushes "installed again"
	all_is_recorded
}

without_loader() # FILE
{
	printf 'int main(void) { return 0; }\n' | gcc -x c - -o "$1" -Wl,--dynamic-linker=/nonexistent/ld.so
}

git_lfs_pushes()
{
	needs git-lfs
	stage lfs
	git init -q --bare ../origin.git
	git remote add origin "file://$T/lfs/origin.git"
	runwake install --uninstall . >/dev/null
	git lfs install --local >/dev/null
	runwake install . >/dev/null
	wc -l <.git/logs/HEAD >../baseline
	git lfs track '*.bin' >/dev/null
	head -c 5000 /dev/urandom >big.bin
	git add -A
	git commit -q -m "A big file"
	mkdir ../lib
	echo garbage >../lib/libjansson.so.4
	LD_LIBRARY_PATH=$T/lfs/lib git push -q origin main
	[ -n "$(find ../origin.git/lfs -type f -size +4k)" ] || fail "git-lfs did not upload"
	all_is_recorded
}

# ---- other users, copies, clean-ups -----------------------------------------------------------
commit_by_another_user()
{
	local -a as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	[ "$(id -u)" -eq 0 ] || skip "only root can be another user"
	needs setpriv
	chmod 711 "$T"
	"${as[@]}" true 2>/dev/null && "${as[@]}" test -x "$T" || skip "the scratch directory is out of another user's reach"
	mkdir -p "$T/user/home"
	own_prefix "$T/user/prefix" >/dev/null
	cp "$GIT_CONFIG_GLOBAL" "$T/user/home/.gitconfig"
	chown -R 65534:65534 "$T/user"
	as+=(env "HOME=$T/user/home" "XDG_STATE_HOME=$T/user/state" "GIT_CONFIG_GLOBAL=$T/user/home/.gitconfig"
	    "PATH=$T/user/prefix/bin:$PATH")
	cd "$T/user"
	"${as[@]}" git init -q project
	cd project
	"${as[@]}" git commit -q --allow-empty -m "Begin"
	"${as[@]}" runwake install . >/dev/null
	"${as[@]}" runwake start --workflow test --task "With sudo" --run-id sudo >/dev/null
	"${as[@]}" git commit -q --allow-empty -m "by the user"
	# As sudo does it: another home, no word of the run. Root needs no safe.directory, but for git.
	git config --global --add safe.directory "$T/user/project"
	git commit -q --allow-empty -m "by root" 2>"$T/told"
	expect_eq "told" "$(cat "$T/told")" ""
	chown -R 65534:65534 .git/objects .git/refs .git/index
	expect_eq "files of root's in our directory" "$(find .git/runwake .git/logs -uid 0 | wc -l)" 0
	"${as[@]}" git commit -q --allow-empty -m "by the user again"
	"${as[@]}" runwake finish --status completed
	expect_json "the user's record" "$("${as[@]}" runwake show sudo --json)" '[.commits[].subject] | join(", ")' \
	    "by the user, by root, by the user again"
	expect_json "verify" "$("${as[@]}" runwake verify --json .)" '.gaps | length' 0
	wait_until 60 no_recorder_is_left
}

copied_repository()
{
	stage copy
	local before
	commit_told "one"
	commit_told "two"
	runwake record
	before=$(in_store "select count(*) from workflow_movements")
	cp -r "$REPO" "$T/copy/second"
	cp -a "$REPO" "$T/copy/third"
	(cd "$T/copy/second" && commit_told "in the copy")
	(cd "$T/copy/third" && git reset -q --hard HEAD~1 && commit_told "in the other copy")
	commit_told "in the original"
	expect_eq "movements" "$(in_store "select count(*) from workflow_movements")" $((before + 4))
	all_is_recorded
	expect_json "verify of the copy" "$(runwake verify --json "$T/copy/second")" '.gaps | length' 0
	expect_eq "repositories" "$(in_store "select count(distinct repository_id) from workflow_movements")" 3
}

worktree_added_again()
{
	stage again
	local round lines=0
	for round in 1 2 3; do
		git worktree add -q --detach "$T/again/linked" main
		(cd "$T/again/linked" && git commit -q --allow-empty -m "round $round")
		runwake record
		lines=$((lines + $(wc -l <.git/worktrees/linked/logs/HEAD)))
		git worktree remove --force "$T/again/linked"
	done
	expect_eq "movements of the linked worktrees" \
	    "$(in_store "select count(*) from workflow_movements where git_dir like '%/worktrees/linked'")" "$lines"
	all_is_recorded
}

worktree_removed_unseen()
{
	stage removed
	git worktree add -q -b gone "$T/removed/linked"
	(cd "$T/removed/linked" && commit_told "made here")
	git worktree remove --force "$T/removed/linked"
	git branch -q -D gone
	git reflog expire --expire=now --all
	git gc -q --prune=now
	expect_eq "commits of the worktree that is gone" "$(in_store "select count(*) from workflow_movements
		where git_dir like '%/worktrees/linked' and kind = 'commit'")" 1
}

gc_at_bad_moments()
{
	stage gc
	local n pid
	runwake start --workflow test --task "Between clean-ups" --run-id between >/dev/null
	commit_told "a file to work on"
	(
		for n in $(seq 8); do
			git gc -q || :
		done
	) &
	pid=$!
	for n in $(seq 25); do
		printf '%s\n' "$n" >>work
		# gc may take away the directory into which git is about to write an object: git's own affair.
		wait_until 60 git commit -q -a -m "while gc runs $n"
	done
	wait "$pid"
	git -c core.hooksPath=/dev/null commit -q --allow-empty -m "unseen"
	git gc -q --prune=now
	git -c core.hooksPath=/dev/null commit -q --allow-empty --amend -m "unseen, amended"
	git reflog delete --rewrite 'HEAD@{3}'
	commit_told "after the clean-up"
	expect_eq "commits of the run" "$(commits_of_run between)" 29
	expect_eq "movements" "$(recorded)" 29
	# Everything is expired, and the commits that nothing holds any more are gone.
	git reset -q --hard HEAD~5
	runwake verify --repair "$REPO" >/dev/null || :
	git reflog expire --expire=now --expire-unreachable=now --all
	git gc -q --prune=now
	commit_told "after the great clean-up"
	expect_eq "commits of the run" "$(commits_of_run between)" 30
	expect_eq "movements" "$(recorded)" 31
	expect_json "verify" "$(runwake verify --json "$REPO")" '.gaps | length' 0
	runwake finish --status completed
}

t "disk full" disk_full
t "read-only state directory" read_only_home
t "no home at all" no_home_at_all
t "corrupt lines in the spool" corrupt_spool
t "a store that is garbage" store_is_garbage
t "a store that lacks a table" store_lacks_a_table
t "corrupt markers" corrupt_markers
t "the marker of another run" marker_of_another_run
t "hostile subjects, branches and paths" hostile_words
t "wrong library path, programs broken or gone: the user's pre-push still runs" broken_installation
t "git-lfs still pushes with a wrong library path" git_lfs_pushes
t "a commit by root in a user's repository" commit_by_another_user
t "a copied repository" copied_repository
t "a worktree removed and added again" worktree_added_again
t "a worktree removed before anyone looked again" worktree_removed_unseen
t "gc and reflog expire at bad moments" gc_at_bad_moments
end_tests
