#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The directories of a worktree as the watcher sees them: which are watched, and what is told of them. What is
# expected is git's word (status, check-ignore) and the file system's; what is watched is the kernel's.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"

TOOL=$BUILD/tests/e2e/tool_tree

# ---- a tree at work ---------------------------------------------------------------------------
# Starts tool_tree on ROOT and waits until it is ready; it ends with the test, at the end of its input.
watch() # ROOT [COMMAND…]: run through COMMAND, if one is named
{
	watch_only "$@"
	wait_until 60 grep -q '^whole' "$OUT"
	expect_match "the phase" "$(grep '^phase' "$OUT" | tail -n 1)" '^phase ready$'
}

watch_only()
{
	local root=$1
	shift
	OUT=$T/told
	rm -f "$T/commands" "$OUT"
	mkfifo "$T/commands"
	"$@" "$TOOL" "$root" <"$T/commands" >"$OUT" 2>"$T/told.err" &
	WATCHER=$!
	exec {COMMANDS}>"$T/commands"
}

end_watch()
{
	exec {COMMANDS}>&-
	wait "$WATCHER" || fail "the tree ended with $?: $(cat "$T/told.err")"
}

command_tree()
{
	echo "$*" >&"$COMMANDS"
}

told() # PATH
{
	grep -qxF "changed $1" "$OUT"
}

expect_told() # PATH…
{
	local path
	for path; do
		wait_until 60 told "$path" || fail "not told: $path"
	done
}

# Answers come in the order of the questions, so what was to be told is told before this file.
marks=0
settle() # ROOT
{
	marks=$((marks + 1))
	: >"$1/mark-$BASHPID-$marks"
	expect_told "mark-$BASHPID-$marks"
}

expect_untold() # PATH…
{
	local path
	for path; do
		! told "$path" || fail "told: $path"
	done
}

wholes() # REASON
{
	grep -cx "whole $1" "$OUT" || :
}

more_wholes_than() # COUNT REASON
{
	[ "$(wholes "$2")" -gt "$1" ]
}

status_of_tree()
{
	local before
	before=$(grep -c '^status' "$OUT" || :)
	command_tree status
	wait_until 60 eval "[ \"\$(grep -c '^status' '$OUT')\" -gt $before ]"
	grep '^status' "$OUT" | tail -n 1
}

watched_inodes() # of what the kernel watches for the tree
{
	sed -n 's/^inotify .* ino:\([0-9a-f]*\) .*/\1/p' /proc/"$WATCHER"/fdinfo/* 2>/dev/null |
	    while read -r inode; do echo $((16#$inode)); done | sort -n
}

inodes_of() # of the directories on stdin, each ended by NUL, relative to ROOT
{
	(cd "$1" && xargs -0r stat -c %i --) | sort -n
}

is_watched() # DIRECTORY
{
	watched_inodes | grep -qx "$(stat -c %i "$1")"
}

is_unwatched()
{
	! is_watched "$1"
}

# All directories but those that git status calls ignored, and what lies below them.
unignored_directories() # ROOT
{
	git -C "$1" status --porcelain -z --ignored=matching -uall | tr '\0\n' '\n\1' |
	    sed -n 's|^!! \(.*/\)$|\1|p' >"$T/ignored-directories"
	(cd "$1" && find . -name .git -prune -o -type d -printf '%P/\n') | awk '
		FILENAME != "-"	{ ignored[$0]; next }
				{ n = split($0, part, "/"); at = ""; bad = 0
				  for (i = 1; i < n; i++) { at = at part[i] "/"; if (at in ignored) bad = 1 }
				  if (!bad) print ($0 == "/" ? "." : $0) }' "$T/ignored-directories" - | tr '\n' '\0'
}

expect_watched_as_git_says() # ROOT
{
	unignored_directories "$1" | inodes_of "$1" >"$T/expected-inodes"
	watched_inodes >"$T/watched-inodes"
	if ! cmp -s "$T/expected-inodes" "$T/watched-inodes"; then
		diff "$T/expected-inodes" "$T/watched-inodes" | sed -n 's/^[<>] //p' | while read -r inode; do
			find "$1" -inum "$inode"
		done
		fail "watched is not what git does not ignore (listed above)"
	fi
}

# ---- which directories ------------------------------------------------------------------------
names=(a b build out src lib tmp.d "sp ace" node_modules 'q"uote' ':colon' 'ünï' -dash '*star' '!bang' 'back\slash')
files=(x.o keep.txt main.c notes.log)
patterns=('build/' '/out' '*.o' '!keep.txt' 'tmp*' 'src/lib' '**/b/' '!/a/build/' 'out/*' '!out/src/' ':colon/' '\!bang' \
    '*.log' '!notes.log' 'a/**/lib' '\*star/' 'sp ace/' '!build' 'lib/*/a' 'back\\slash' '/-dash/b')

random_tree() # ROOT SEED
{
	local root=$1 dir depth i
	RANDOM=$2
	git init -q "$root"
	git -C "$root" config core.excludesFile "$T/global-ignore"
	echo 'node_modules' >"$T/global-ignore"
	echo 'tmp.d/' >>"$root/.git/info/exclude"
	for ((i = 0; i < 120; i++)); do
		dir=$root
		for ((depth = RANDOM % 5; depth >= 0; depth--)); do
			dir=$dir/${names[RANDOM % ${#names[@]}]}
		done
		mkdir -p "$dir"
		[ $((RANDOM % 3)) -eq 0 ] || echo x >"$dir/${files[RANDOM % ${#files[@]}]}"
		[ $((RANDOM % 5)) -ne 0 ] || echo "${patterns[RANDOM % ${#patterns[@]}]}" >>"$dir/.gitignore"
	done
	for ((i = 0; i < 5; i++)); do
		echo "${patterns[RANDOM % ${#patterns[@]}]}" >>"$root/.gitignore"
	done
	git -C "$root" add -A
	# Some that are ignored are tracked all the same, some that were tracked are ignored since.
	find "$root" -path "$root/.git" -prune -o -type f -print | awk 'NR % 7 == 0' |
	    while read -r file; do git -C "$root" --literal-pathspecs add -f -- "${file#"$root"/}"; done
	git -C "$root" commit -q -m "A tree"
	echo "${patterns[RANDOM % ${#patterns[@]}]}" >>"$root/.gitignore"
}

a_random_tree_is_watched_as_git_says() # SEED
{
	random_tree "$T/random-$1" "$1"
	watch "$T/random-$1"
	expect_watched_as_git_says "$T/random-$1"
	# And once more for directories that come later.
	cp -r "$T/random-$1/." "$T/copied-$1"
	rm -rf "$T/copied-$1/.git"
	mv "$T/copied-$1" "$T/random-$1/copy"
	wait_until 60 more_wholes_than 1 scan
	wait_watched_as_git_says "$T/random-$1"
	end_watch
}

watched_quietly()
{
	(expect_watched_as_git_says "$1") >"$T/quiet" 2>&1
}

# Once the walk for rules that came along is over, too.
wait_watched_as_git_says() # ROOT
{
	wait_until 60 watched_quietly "$1" || fail "$(cat "$T/quiet")"
}

# ---- which files ------------------------------------------------------------------------------
ignored_files_are_not_told()
{
	local r=$T/files
	new_repo "$r"
	printf '*.o\n!kept.o\ncache/\n' >"$r/.gitignore"
	mkdir "$r/cache"
	echo x >"$r/tracked.o"
	git -C "$r" add -f .gitignore tracked.o
	git -C "$r" commit -q -m "Rules"
	watch "$r"
	echo y >"$r/a.o"
	echo y >"$r/tracked.o"
	echo y >"$r/kept.o"
	echo y >"$r/README"
	echo y >"$r/cache/z"
	mkdir "$r/new"
	echo y >"$r/new/b.o"
	echo y >"$r/new/c.c"
	echo y >"$r/.runwake"
	expect_told tracked.o kept.o README new/c.c .runwake
	settle "$r"
	echo z >"$r/a.o"
	rm "$r/tracked.o"
	settle "$r"
	expect_untold a.o new/b.o cache cache/z .git .git/index
	end_watch
}

what_is_done_to_a_file_is_told()
{
	local r=$T/done-to
	new_repo "$r"
	for name in written appended removed renamed mode hard touched; do
		echo x >"$r/$name"
	done
	watch "$r"
	echo y >"$r/written"
	echo y >>"$r/appended"
	rm "$r/removed"
	mv "$r/renamed" "$r/new-name"
	chmod +x "$r/mode"
	ln "$r/hard" "$r/hard-too"
	ln -s nowhere "$r/symbolic"
	: >"$r/"$'b\xff\xfeytes'
	: >"$r/"$'new\nline'
	expect_told written appended removed renamed new-name mode hard-too symbolic 'b\xff\xfeytes' 'new\x0aline'
	end_watch
}

# ---- new directories --------------------------------------------------------------------------
expect_all_files_told() # ROOT DIRECTORY…
{
	(cd "$1" && find "${@:2}" -name .git -prune -o -type f -printf 'changed %p\n') | sort >"$T/expected-told"
	wait_until 60 all_told || { comm -23 "$T/expected-told" "$T/sorted-told" | head; fail "missed"; }
}

all_told()
{
	sort -u "$OUT" >"$T/sorted-told"
	[ -z "$(comm -23 "$T/expected-told" "$T/sorted-told")" ]
}

nothing_in_new_directories_is_missed()
{
	local r=$T/new-directories i
	new_repo "$r"
	git -C "$r" checkout -q -b other
	for ((i = 0; i < 100; i++)); do
		mkdir -p "$r/d$((i % 10))/e$i"
		for ((j = 0; j < 20; j++)); do
			echo "$i $j" >"$r/d$((i % 10))/e$i/f$j"
		done
	done
	cp -r "$r/d3" "$T/to-copy"
	git -C "$r" add -A
	git -C "$r" commit -q -m "Two thousand files"
	git -C "$r" checkout -q main
	watch "$r"
	git -C "$r" checkout -q other
	expect_all_files_told "$r" d{0..9}
	cp -r "$T/to-copy" "$r/copied"
	expect_all_files_told "$r" copied
	for ((i = 0; i < 40; i++)); do
		mkdir -p "$r/p$i/a/b/c/d"
		echo x >"$r/p$i/a/b/c/d/deep"
		echo x >"$r/p$i/a/half-way"
	done
	for ((i = 0; i < 40; i++)); do
		expect_told "p$i/a/b/c/d/deep" "p$i/a/half-way"
	done
	echo x >"$r/p7/a/b/c/d/later"
	expect_told p7/a/b/c/d/later
	wait_watched_as_git_says "$r"
	end_watch
}

directories_move()
{
	local r=$T/moves
	new_repo "$r"
	mkdir -p "$r/one/two/three" "$r/other" "$T/outside/in/deep"
	echo x >"$r/one/two/three/file"
	echo x >"$T/outside/in/deep/file"
	watch "$r"
	mv "$T/outside/in" "$r/came"
	expect_told came/deep/file
	echo y >"$r/came/deep/written"
	expect_told came/deep/written
	mv "$r/one/two" "$r/other/renamed"
	expect_told one/two
	wait_until 60 is_watched "$r/other/renamed/three"
	echo y >"$r/other/renamed/three/file"
	expect_told other/renamed/three/file
	mv "$r/came" "$T/outside/went"
	expect_told came
	wait_until 60 is_unwatched "$T/outside/went/deep"
	echo z >"$T/outside/went/deep/leak"
	settle "$r"
	expect_untold came/deep/leak one/two/three/leak
	mkdir "$r/came"
	echo x >"$r/came/again"
	expect_told came/again
	rm -r "$r/other"
	expect_told other
	expect_watched_as_git_says "$r"
	end_watch
}

# One directory is put over another one.
a_directory_is_replaced()
{
	local r=$T/replaced
	new_repo "$r"
	mkdir "$r/target" "$T/replacement"
	echo x >"$T/replacement/file"
	watch "$r"
	mv -T "$T/replacement" "$r/target"
	expect_told target/file
	wait_until 60 is_watched "$r/target"
	echo y >"$r/target/later"
	expect_told target/later
	rm -r "$r/target"
	echo "now a file" >"$r/target"
	settle "$r"
	rm "$r/target"
	mkdir "$r/target"
	echo x >"$r/target/anew"
	expect_told target/anew
	end_watch
}

# ---- the rules change -------------------------------------------------------------------------
gitignore_is_edited()
{
	local r=$T/rules before
	new_repo "$r"
	mkdir -p "$r/cache/deep" "$r/src/gen"
	: >"$r/cache/deep/file"
	: >"$r/src/gen/file"
	echo 'cache/' >"$r/.gitignore"
	watch "$r"
	expect_eq "cache at first" "$(is_watched "$r/cache" && echo watched || echo not)" not
	before=$(wholes scan)
	echo 'gen/' >"$r/src/.gitignore"
	wait_until 60 is_unwatched "$r/src/gen"
	wait_until 60 more_wholes_than "$before" scan
	before=$(wholes scan)
	echo '' >"$r/.gitignore"
	wait_until 60 is_watched "$r/cache/deep"
	wait_until 60 more_wholes_than "$before" scan
	echo x >"$r/cache/deep/file"
	expect_told cache/deep/file
	rm "$r/src/.gitignore"
	wait_until 60 is_watched "$r/src/gen"
	echo 'src/' >>"$r/.git/info/exclude"
	command_tree replan
	wait_until 60 is_unwatched "$r/src"
	end_watch
}

an_ignored_directory_becomes_tracked()
{
	local r=$T/forced
	new_repo "$r"
	mkdir -p "$r/cache/one" "$r/cache/two"
	: >"$r/cache/one/file"
	: >"$r/cache/two/file"
	echo 'cache/' >"$r/.gitignore"
	watch "$r"
	is_unwatched "$r/cache"
	git -C "$r" add -f cache/one/file
	command_tree recheck
	wait_until 60 is_watched "$r/cache/one"
	wait_until 60 more_wholes_than 1 scan
	expect_watched_as_git_says "$r"
	is_unwatched "$r/cache/two"
	echo x >"$r/cache/one/file"
	expect_told cache/one/file
	end_watch
}

# ---- repositories within, and links -----------------------------------------------------------
repositories_within_are_closed()
{
	local r=$T/nested
	new_repo "$r"
	new_repo "$r/vendor/inner"
	new_repo "$r/vendor/inner/deeper/innermost"
	git -C "$r" worktree add -q "$r/trees/linked"
	mkdir -p "$r/vendor/plain"
	watch "$r"
	is_watched "$r/vendor/plain"
	is_unwatched "$r/vendor/inner"
	is_unwatched "$r/vendor/inner/deeper/innermost"
	is_unwatched "$r/trees/linked"
	echo x >"$r/vendor/inner/file"
	echo x >"$r/vendor/inner/deeper/innermost/file"
	mkdir "$r/becomes"
	settle "$r"
	wait_until 60 is_watched "$r/becomes"
	new_repo "$r/becomes"
	expect_told becomes
	wait_until 60 is_unwatched "$r/becomes"
	echo x >"$r/becomes/file"
	settle "$r"
	expect_untold vendor/inner/file vendor/inner/deeper/innermost/file becomes/file
	rm -rf "$r/vendor/inner"
	expect_told vendor/inner
	git -C "$r" worktree add -q "$r/trees/second" -b second
	expect_told trees/second
	wait_until 60 is_unwatched "$r/trees/second"
	end_watch
}

a_linked_worktree_has_rules_of_its_own()
{
	local r=$T/linked
	new_repo "$r"
	echo 'shared/' >"$r/.git/info/exclude"
	git -C "$r" worktree add -q "$T/linked-tree"
	mkdir -p "$T/linked-tree/shared" "$T/linked-tree/own" "$T/linked-tree/src"
	echo 'own/' >"$T/linked-tree/.gitignore"
	watch "$T/linked-tree" linked_to "$r/.git/worktrees/linked-tree"
	expect_watched_as_git_says "$T/linked-tree"
	expect_eq "directories" "$(watched_inodes | wc -l)" 2
	echo x >"$T/linked-tree/src/file"
	expect_told src/file
	end_watch
}

linked_to() # GIT-DIR TOOL ROOT
{
	exec "$2" "$3" "$1"
}

links_are_not_followed()
{
	local r=$T/links
	new_repo "$r"
	mkdir -p "$r/a/b" "$T/elsewhere"
	ln -s .. "$r/a/b/loop"
	ln -s "$T/elsewhere" "$r/elsewhere"
	ln -s b "$r/a/sibling"
	watch "$r"
	expect_watched_as_git_says "$r"
	is_unwatched "$T/elsewhere"
	ln -s "$r" "$r/a/new-loop"
	expect_told a/new-loop
	echo x >"$r/elsewhere/file"
	echo x >"$r/a/b/file"
	expect_told a/b/file
	expect_untold elsewhere/file a/sibling/file
	# A directory that becomes a link to outside.
	rm -r "$r/a/b"
	ln -s "$T/elsewhere" "$r/a/b"
	settle "$r"
	is_unwatched "$T/elsewhere"
	end_watch
}

# ---- what goes wrong --------------------------------------------------------------------------
events_are_lost_once()
{
	local r=$T/overflow i queue
	queue=$(cat /proc/sys/fs/inotify/max_queued_events)
	[ "$queue" -le 100000 ] || skip "the kernel queues $queue events"
	new_repo "$r"
	mkdir "$r/old"
	watch "$r"
	mkfifo "$T/hold"
	command_tree "block $T/hold"
	exec {hold}>"$T/hold"
	for ((i = 0; i < queue / 2 + 500; i++)); do
		: >"$r/old/f$i"
	done
	mkdir -p "$r/made/while/blocked"
	exec {hold}>&-
	wait_until 60 more_wholes_than 0 overflow
	wait_until 60 is_watched "$r/made/while/blocked"
	expect_watched_as_git_says "$r"
	echo x >"$r/made/while/blocked/file"
	expect_told made/while/blocked/file
	expect_eq "walks for one overflow" "$(wholes overflow)" 1
	expect_match "status" "$(status_of_tree)" "^status ready 5 5 1 "
	end_watch
}

the_limit_is_reached()
{
	local r=$T/limit i
	unshare -Ur true 2>/dev/null || skip "no user namespaces"
	new_repo "$r"
	for ((i = 0; i < 60; i++)); do
		mkdir "$r/d$i"
	done
	watch_only "$r" unshare -Ur bash -c 'echo 20 >/proc/sys/user/max_inotify_watches && exec "$@"' limited
	wait_until 60 grep -q '^whole' "$OUT"
	expect_match "status" "$(status_of_tree)" \
	    '^status degraded 0 61 0 0 .* needs 61 watches, more than user.max_inotify_watches=20 leaves: sysctl -w user.max_inotify_watches=65536'
	expect_eq "watches kept" "$(watched_inodes | wc -l)" 0
	nsenter -t "$WATCHER" -U --preserve-credentials bash -c 'echo 70 >/proc/sys/user/max_inotify_watches'
	command_tree replan
	wait_until 60 is_watched "$r/d59"
	wait_watched_as_git_says "$r"	# which is not the last of them
	expect_match "status" "$(status_of_tree)" '^status ready 61 61 1 [1-9][0-9]* [0-9]* $'
	mkdir -p "$T/more/"{0..19}
	mv "$T/more" "$r/more"
	wait_until 60 is_degraded_for 82 || fail "$(status_of_tree)"
	end_watch
}

is_degraded_for() # DIRECTORIES
{
	[[ $(status_of_tree) =~ ^status\ degraded\ 0\ $1\  ]]
}

# In a mount namespace of its own, with a file system on DIRECTORY.
with_mount() # DIRECTORY TOOL ROOT
{
	# shellcheck disable=SC2016
	exec unshare -Urm bash -c 'mount -t tmpfs tmpfs "$0" && cp -a "$0-content/." "$0" && exec "$@"' "$@"
}

in_its_namespace()
{
	nsenter -t "$WATCHER" -U -m --preserve-credentials "$@"
}

a_file_system_is_unmounted()
{
	local r=$T/mounts
	unshare -Urm true 2>/dev/null || skip "no user namespaces"
	new_repo "$r"
	mkdir -p "$r/mount" "$r/mount-content/deep"
	watch "$r" with_mount "$r/mount"
	expect_eq "watches" "$(watched_inodes | wc -l)" 5
	in_its_namespace touch "$r/mount/deep/file"
	expect_told mount/deep/file
	in_its_namespace umount "$r/mount"
	wait_until 60 more_wholes_than 0 unmount
	wait_watched_as_git_says "$r"
	end_watch
}

the_root_is_unmounted()
{
	local r=$T/mounted
	unshare -Urm true 2>/dev/null || skip "no user namespaces"
	new_repo "$r-content"
	mkdir "$r"
	watch "$r" with_mount "$r"
	in_its_namespace umount "$r"
	expect_gone
}

permission_comes_back()
{
	local r=$T/closed
	local -a as=()
	if [ "$(id -u)" -eq 0 ]; then
		needs setpriv
		as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
		chmod 711 "$T"
	fi
	new_repo "$r"
	mkdir -p "$r/closed/deep"
	[ "$(id -u)" -ne 0 ] || chown -R 65534:65534 "$r"
	chmod 0 "$r/closed"
	watch "$r" "${as[@]}"
	is_unwatched "$r/closed"
	expect_match "status" "$(status_of_tree)" "directory 'closed' is not watched: Permission denied"
	chmod 755 "$r/closed"
	wait_until 60 is_watched "$r/closed/deep"
	echo x >"$r/closed/deep/file"
	expect_told closed/deep/file
	end_watch
}

git_dies_and_is_asked_again()
{
	local r=$T/dying child
	new_repo "$r"
	echo '*.o' >"$r/.gitignore"
	watch "$r"
	: >"$r/first"
	expect_told first
	child=$(pgrep -P "$WATCHER" -x git)
	kill -9 "$child"
	: >"$r/a.o"
	: >"$r/second"
	expect_told second
	expect_untold a.o
	[ "$(pgrep -P "$WATCHER" -x git)" != "$child" ]
	end_watch
}

without_git_everything_is_watched()
{
	local r=$T/without
	new_repo "$r"
	echo 'cache/' >"$r/.gitignore"
	mkdir "$r/cache"
	mkdir "$T/no-git"
	watch "$r" env PATH="$T/no-git"
	is_watched "$r/cache"
	echo x >"$r/cache/file"
	expect_told cache/file
	expect_match "status" "$(status_of_tree)" "nothing is taken for ignored: the program 'git' is not there"
	end_watch
}

a_damaged_index_hides_nothing()
{
	local r=$T/damaged
	new_repo "$r"
	echo 'cache/' >"$r/.gitignore"
	mkdir "$r/cache"
	echo "no index" >"$r/.git/index"
	watch "$r"
	is_watched "$r/cache"
	expect_match "status" "$(status_of_tree)" "git cannot list what is tracked, so that nothing is taken for ignored: .*index"
	rm "$r/.git/index"
	command_tree replan
	wait_until 60 is_unwatched "$r/cache"
	end_watch
}

# ---- the root goes ----------------------------------------------------------------------------
ended()
{
	! kill -0 "$WATCHER" 2>/dev/null
}

expect_gone()
{
	wait_until 60 grep -qx 'gone ' "$OUT"
	expect_eq "times that it was told" "$(grep -c '^gone' "$OUT")" 1
	end_watch
}

the_root_is_removed()
{
	new_repo "$T/removed"
	mkdir -p "$T/removed/a/b"
	watch "$T/removed"
	rm -rf "$T/removed"
	expect_gone
}

the_root_is_removed_while_somebody_is_in_it()
{
	new_repo "$T/occupied"
	watch "$T/occupied"
	mkfifo "$T/occupant"
	(cd "$T/occupied" && exec cat "$T/occupant") &
	exec {occupant}>"$T/occupant"
	rm -rf "$T/occupied"
	expect_gone
	exec {occupant}>&-
	wait
}

the_root_is_moved()
{
	new_repo "$T/moved"
	watch "$T/moved"
	mv "$T/moved" "$T/moved-away"
	expect_gone
}

the_root_is_replaced()
{
	new_repo "$T/swapped"
	new_repo "$T/swap"
	watch "$T/swapped"
	mv --exchange "$T/swapped" "$T/swap" 2>/dev/null || { mv "$T/swapped" "$T/old"; mv "$T/swap" "$T/swapped"; }
	expect_gone
}

[ -x "$TOOL" ] || { echo "Bail out! $TOOL is not built: make VARIANT=… tools"; exit 1; }
for seed in 1 2 3 4 5 6; do
	t "a random tree is watched as git says, seed $seed" a_random_tree_is_watched_as_git_says "$seed"
done
t "ignored files are not told, tracked ones are" ignored_files_are_not_told
t "what is done to a file is told" what_is_done_to_a_file_is_told
t "nothing in new directories is missed" nothing_in_new_directories_is_missed
t "directories move in, within and out" directories_move
t "a directory is replaced" a_directory_is_replaced
t ".gitignore is edited" gitignore_is_edited
t "an ignored directory becomes tracked" an_ignored_directory_becomes_tracked
t "repositories within are closed" repositories_within_are_closed
t "a linked worktree has rules of its own" a_linked_worktree_has_rules_of_its_own
t "links are not followed" links_are_not_followed
t "lost events: one walk, and exact after it" events_are_lost_once
t "the limit is reached: counted, named, given back" the_limit_is_reached
t "a file system is unmounted" a_file_system_is_unmounted
t "a permission comes back" permission_comes_back
t "git dies and is asked again" git_dies_and_is_asked_again
t "without git everything is watched" without_git_everything_is_watched
t "a damaged index hides nothing" a_damaged_index_hides_nothing
t "the root is removed" the_root_is_removed
t "the root is removed while somebody is in it" the_root_is_removed_while_somebody_is_in_it
t "the root is unmounted" the_root_is_unmounted
t "the root is moved" the_root_is_moved
t "the root is replaced" the_root_is_replaced
end_tests
