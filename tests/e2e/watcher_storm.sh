#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Writers in many worktrees at once, while the watcher and its recorder are killed at random moments and started
# again: in the end the store holds what git's own logs and diffs say, movement for movement, and no memory has grown.
# Runs alone: it keeps both processors busy.
#
#	tests/e2e/watcher_storm.sh [BUILDDIR]
#	STORM_SECONDS=25 STORM_WRITERS=50 STORM_REPOSITORIES=4 STORM_WORKTREES=2 (a repository) RANDOM_SEED=…
#
# `make endurance MINUTES=10` is this with 20 worktrees.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"
# shellcheck source=tests/e2e/watcher_common.bash
. "$(dirname "$0")/watcher_common.bash"

STORM=${STORM_SECONDS:-25}
WRITERS=${STORM_WRITERS:-50}
REPOSITORIES=${STORM_REPOSITORIES:-4}
WORKTREES=${STORM_WORKTREES:-2}
SEED=${RANDOM_SEED:-$$}
RANDOM=$SEED
echo "# seed $SEED"

roots=()
for r in $(seq "$REPOSITORIES"); do
	roots+=("$T/r$r")
	for w in $(seq 2 "$WORKTREES"); do
		roots+=("$T/r$r.w$w")
	done
done

lay_the_ground()
{
	local r w n
	for r in $(seq "$REPOSITORIES"); do
		new_repo "$T/r$r"
		for n in $(seq 40); do
			mkdir -p "$T/r$r/src/d$((n % 8))"
			seq "$n" >"$T/r$r/src/d$((n % 8))/f$n"
		done
		printf '*.log\n/build/\n' >"$T/r$r/.gitignore"
		git -C "$T/r$r" add .
		git -C "$T/r$r" commit -q -m "Files"
		wc -l <"$T/r$r/.git/logs/HEAD" >"$T/r$r.before"
		runwake install "$T/r$r" >/dev/null
		for w in $(seq 2 "$WORKTREES"); do
			git -C "$T/r$r" worktree add -q -b "w$w" "$T/r$r.w$w"
		done
	done
	for n in "${!roots[@]}"; do
		[ $((n % 2)) -eq 1 ] || (cd "${roots[n]}" && runwake start --workflow storm --task "Hold out" --run-id "run-$n" >/dev/null)
	done
}

# ---- writers ------------------------------------------------------------------------------------
is_storming()
{
	[ ! -e "$T/calm" ]
}

pause() # MILLISECONDS at most
{
	read -rt "$(printf '0.%03d' $((RANDOM % $1)))" -u "$HARNESS_NEVER" || :
}

write_a_file() # N
{
	case $((RANDOM % 4)) in
	0)	mkdir -p "new/$1/$((RANDOM % 5))/deep" && seq $((RANDOM % 30)) >"new/$1/$((RANDOM % 5))/deep/u$((RANDOM % 9))" ;;
	1)	seq $((RANDOM % 60)) >"src/d$((RANDOM % 8))/f$((RANDOM % 40))" ;;
	2)	echo "$RANDOM" >>"own$1" ;;
	3)	mkdir -p build && echo "$RANDOM" >"build/o$1" && echo "$RANDOM" >>"noise$1.log" ;;
	esac
}

# git may say no at any of these: another writer is at work in the same worktree.
one_deed() # N
{
	local kind=$((RANDOM % 24)) hooks=(-c core.hooksPath=/dev/null)
	[ $((RANDOM % 2)) -eq 0 ] || hooks=()
	case $kind in
	0|1|2|3|4|5)	write_a_file "$1" ;;
	6|7|8|9|10)	echo "$RANDOM" >>"own$1" && git add "own$1" && git "${hooks[@]}" commit -q -m "Of $1" -- "own$1" ;;
	11|12)	git "${hooks[@]}" commit -q -a -m "All by $1" ;;
	13)	git "${hooks[@]}" commit -q --amend -m "Amended by $1" ;;
	14)	git reset -q --hard HEAD~1 ;;
	15)	git reset -q HEAD~1 ;;
	16)	git "${hooks[@]}" checkout -q -B "b$1" ;;
	17)	git "${hooks[@]}" checkout -q -f --detach HEAD~1 ;;
	18)	git branch -D "b$((RANDOM % WRITERS))" ;;
	19)	git clean -q -f -d ;;
	20)	git clean -q -f -d -x ;;
	21)	git mv -f "src/d$((RANDOM % 8))/f$((RANDOM % 40))" "src/d$((RANDOM % 8))/f$((RANDOM % 40))" ;;
	22)	git stash -q && git stash pop -q ;;
	23)	rm -rf "new/$1" "src/d$((RANDOM % 8))/f$((RANDOM % 40))" && git add -A . ;;
	esac
}

writer() # N
{
	RANDOM=$((SEED + $1))
	cd "${roots[$1 % ${#roots[@]}]}"
	while is_storming; do
		one_deed "$1" || :
		pause 400
	done
	:
}

# Worktrees that come and go under the same names. With hooks alone, since what a removed worktree's log held that
# nobody had read is gone; each log is kept before the worktree is removed.
worktree_writer() # REPOSITORY
{
	local count=0 dir=$T/r$1.tmp log=$T/r$1/.git/worktrees/r$1.tmp/logs/HEAD
	RANDOM=$((SEED + 1000 + $1))
	while is_storming; do
		git -C "$T/r$1" worktree add -q --detach "$dir" || continue
		while [ $((RANDOM % 3)) -ne 0 ]; do
			echo "$RANDOM" >"$dir/passing"
			git -C "$dir" add passing
			git -C "$dir" commit -q -m "In passing" || :
			pause 300
		done
		count=$((count + 1))
		cp "$log" "$T/gone/r$1.$count"
		git -C "$T/r$1" worktree remove --force "$dir" || rm -rf "$dir"
		git -C "$T/r$1" worktree prune
		pause 900
	done
}

# ---- what disturbs -------------------------------------------------------------------------------
killer()
{
	local pid turn=0
	RANDOM=$((SEED + 2000))
	while is_storming; do
		pause 999
		pause 999
		pause 999
		if [ $((turn % 3)) -eq 0 ]; then	# until there was one to kill
			pid=$(recorder_of_watcher) || :
			[ -z "$pid" ] || { kill -9 "$pid" && echo recorder >>"$T/kills" && turn=$((turn + 1)); }
		else
			turn=$((turn + 1))
			pid=$(watcher_of_test) || :
			[ -z "$pid" ] || { kill -9 "$pid" && echo watcher >>"$T/kills"; }
			pause 999
			launch_watcher
		fi
	done
	:
}

# The time, who, KiB.
sample() # TIME
{
	local pid kib
	pid=$(watcher_of_test) || :
	kib=$([ -z "$pid" ] || memory_of "$pid") || :
	[ -z "$kib" ] || echo "$1 watcher $kib"
	pid=$(recorder_of_watcher) || :
	kib=$([ -z "$pid" ] || memory_of "$pid") || :
	[ -z "$kib" ] || echo "$1 recorder $kib"
}

sampler()
{
	local began=$SECONDS
	while is_storming; do
		sample $((SECONDS - began)) >>"$T/memory"
		pause 500
	done
	:
}

rage()
{
	local n pid
	local -a pids=()
	mkdir -p "$T/gone"
	launch_watcher
	wait_until 60 watcher_is_ready
	for n in $(seq "$WRITERS"); do
		writer "$n" >/dev/null 2>&1 &
		pids+=($!)
	done
	for n in $(seq "$REPOSITORIES"); do
		worktree_writer "$n" >/dev/null 2>&1 &
		pids+=($!)
	done
	killer &
	pids+=($!)
	sampler &
	pids+=($!)
	read -rt "$STORM" -u "$HARNESS_NEVER" || :
	wait_until 120 enough_happened || :	# a busy machine needs longer to start what is killed
	: >"$T/calm"
	for pid in "${pids[@]}"; do
		wait "$pid" || :
	done
}

it_calms_down()
{
	watcher_of_test || launch_watcher
	wait_until 60 watcher_is_ready
	wait_until 120 watcher_has_caught_up
	sample "$STORM" >>"$T/memory"
	runwake record
	wait_until 60 watcher_has_caught_up
}

enough_was_killed()
{
	[ "$(grep -c watcher "$T/kills" 2>/dev/null)" -ge $((STORM / 10)) ] && grep -q recorder "$T/kills"
}

enough_happened() # and was seen
{
	enough_was_killed && [ "$(grep -c watcher "$T/memory")" -ge 6 ] && [ "$(grep -c recorder "$T/memory")" -ge 6 ]
}

the_storm_was_one()
{
	enough_was_killed || fail "these were killed: $(cat "$T/kills")"
	[ "$(in_store_now 'select count(*) from workflow_movements')" -gt "$WRITERS" ] || fail "hardly a movement"
	[ "$(in_store_now 'select count(*) from workflow_edits')" -gt "${#roots[@]}" ] || fail "hardly an edit"
	[ "$(find "$T/gone" -type f | wc -l)" -ge "$REPOSITORIES" ] || fail "no worktree came and went"
}

# A git directory that several worktrees had one after another: all their logs together.
every_movement_once()
{
	local r git_dir
	: >"$T/expected"
	: >"$T/actual"
	for r in $(seq "$REPOSITORIES"); do
		movements_of_log "$T/r$r/.git/logs/HEAD" "$(cat "$T/r$r.before")" | sed "s|^|r$r |" >>"$T/expected"
		movements_in_store "$T/r$r/.git" | sed "s|^|r$r |" >>"$T/actual"
		for git_dir in "$T/r$r/.git/worktrees"/*; do
			[ -e "$git_dir/logs/HEAD" ] && [ "${git_dir##*/}" != "r$r.tmp" ] || continue
			movements_of_log "$git_dir/logs/HEAD" | sed "s|^|${git_dir##*/} |" >>"$T/expected"
			movements_in_store "$git_dir" | sed "s|^|${git_dir##*/} |" >>"$T/actual"
		done
		for log in "$T/gone/r$r".* "$T/r$r/.git/worktrees/r$r.tmp/logs/HEAD"; do
			[ ! -e "$log" ] || movements_of_log "$log" | sed "s|^|r$r.tmp |"
		done | LC_ALL=C sort >>"$T/expected"
		movements_in_store "$T/r$r/.git/worktrees/r$r.tmp" | sed "s|^|r$r.tmp |" >>"$T/actual"
	done
	echo "$(wc -l <"$T/expected") movements by git's logs" >>"$T/figures"
	expect_same "movements" "$T/actual" "$T/expected"
}

verify_finds_no_gap()
{
	expect_exit 0 runwake verify
	expect_match "verify" "$(tail -n 1 "$T/out")" ', 0 gaps'
}

every_edit_is_exact()
{
	local root
	for root in "${roots[@]}"; do
		expect_exact_edits 60 "$root"
		wc -l <"$T/edits.git" >>"$T/edit-counts"
	done
	[ "$(sort -rn "$T/edit-counts" | head -n 1)" -gt 0 ] || fail "no worktree has an edit: nothing was compared"
}

nothing_was_set_aside()
{
	expect_eq "quarantined" "$(find "$STATE/spool/quarantine" -type f 2>/dev/null | wc -l)" 0
	expect_eq "integrity" "$(in_store_now 'pragma integrity_check')" ok
}

# The largest of the last tenth of what was seen of it, and when all is calm, against the largest of the first. A short storm
# has too few samples for tenths, and its processes are still warming up.
memory_has_not_grown()
{
	local who seen first last part=10 allowed=110
	[ "$STORM" -ge 300 ] || { part=3; allowed=130; }
	for who in watcher recorder; do
		read -r seen first last < <(awk -v who="$who" -v part="$part" '
			function largest(from, to,    max) {
				for (; from <= to; from++)
					max = kib[from] > max ? kib[from] : max
				return max + 0
			}
			$2 == who { kib[++n] = $3 }
			END { some = int((n + part - 1) / part); print n + 0, largest(1, some), largest(n - some + 1, n) }' "$T/memory")
		echo "$who: $first KiB at most in the first 1/$part of $seen samples, $last KiB in the last" >>"$T/figures"
		[ "$seen" -ge $((2 * part)) ] || skip "the machine was too busy: $who was seen $seen times, and each was young"
		[ "$last" -le $((first * allowed / 100)) ] || fail "$who: $first KiB became $last KiB"
	done
}

it_stops_cleanly()
{
	expect_exit 0 runwake-watcher --stop
	wait_until 60 no_recorder_is_left
}

tell_figures()
{
	echo "# $STORM s, $WRITERS writers, ${#roots[@]} worktrees; killed: $(sort "$T/kills" | uniq -c | tr -s ' \n' ' ')"
	echo "# $(in_store_now "select (select count(*) from workflow_movements) || ' movements (' ||
		(select count(*) from workflow_movements where implied) || ' implied), ' || (select count(*) from workflow_edits) ||
		' edit states, ' || (select count(*) from workflow_events) || ' events, ' ||
		(select count(*) from workflow_gaps) || ' gaps'")"
	sed 's/^/# /' "$T/figures"
}

t "${#roots[@]} worktrees of $REPOSITORIES repositories" lay_the_ground
t "$WRITERS writers, and the watcher killed at random, for $STORM s" rage
t "it calms down" it_calms_down
t "the storm was one" the_storm_was_one
t "every movement is recorded exactly once" every_movement_once
t "verify finds no gap" verify_finds_no_gap
t "the latest edit state of every worktree is exact" every_edit_is_exact
t "nothing is in quarantine" nothing_was_set_aside
t "no memory has grown" memory_has_not_grown
t "the watcher stops cleanly" it_stops_cleanly
tell_figures
end_tests
