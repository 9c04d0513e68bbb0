#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Our diffs of worktrees against git's own: the same files with the same numbers, whatever way led there.
# The last test is random; EDITS_SEED=N makes it another one, EDITS_STEPS=N a longer one.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"

TOOL=$BUILD/tests/e2e/tool_edits
SEED=${EDITS_SEED:-20261122}
STEPS=${EDITS_STEPS:-150}

# ---- the comparison ---------------------------------------------------------------------------
begin() # [OPTION of git init…]
{
	git init -q "$@" "$T/repo.$TEST_COUNT"
	cd "$T/repo.$TEST_COUNT" || return
	STATE_FILE=$T/state.$TEST_COUNT
}

save() # [SUBJECT]
{
	git add -A
	git commit -q --allow-empty -m "${1:-a commit}"
}

lines() # FROM TO [WORD]
{
	seq -f "${3:-line} %g" "$1" "$2"
}

# What git says, in the tool's form. An index of its own, so that nothing of the repository's is touched. The
# untracked files are put into it by name alone, and compared with nothing.
git_says()
{
	local head index others
	index=$T/index.$TEST_COUNT
	others=$T/others.$TEST_COUNT
	head=$(git rev-parse -q --verify HEAD || git hash-object -t tree /dev/null)
	rm -f "$index"
	# -p: git tells a file that was written in the index's own second by the index's time.
	cp -p "$(git rev-parse --absolute-git-dir)/index" "$index" 2>/dev/null || true
	GIT_INDEX_FILE=$index git diff --numstat -z "$head"
	git ls-files -z --others --exclude-standard | LC_ALL=C grep -zav '/$' | LC_ALL=C sort -z >"$others" || true
	[ -s "$others" ] || return 0
	rm -f "$index"
	GIT_INDEX_FILE=$index git --literal-pathspecs add -f -N --pathspec-from-file="$others" --pathspec-file-nul
	GIT_INDEX_FILE=$index git diff --no-renames --numstat -z "$(git hash-object -t tree /dev/null)"
}

# ENGINE: "walk", "git", or "any". Further words are the tool's: -w, or paths.
same() # ENGINE [-w] [PATH…]
{
	local engine=$1 whole=()
	shift
	[ "${1-}" != -w ] || { whole=(-w); shift; }
	git_says >"$T/git.out" 2>"$T/git.err"
	"$TOOL" "${whole[@]}" -k "$T/keep" . "$STATE_FILE" "$@" >"$T/our.out" 2>"$T/our.err" ||
	    fail "tool_edits: $(cat "$T/our.err")"
	cmp -s "$T/git.out" "$T/our.out" || {
		diff -u <(tr '\0' '\n' <"$T/git.out") <(tr '\0' '\n' <"$T/our.out") >&2 || true
		fail "the worktree differs, by engine $(cat "$T/our.err")"
	}
	[ "$engine" = any ] || expect_eq "the engine" "$(cut -d' ' -f1 "$T/our.err")" "$engine"
}

said() # FIELD of the tool's: 2 changed or same, 3 bytes kept, 4 thrown away
{
	cut -d' ' -f"$1" "$T/our.err"
}

# ---- plain edits ------------------------------------------------------------------------------
plain_edits()
{
	begin
	mkdir -p a/b
	lines 1 20 >a/b/edited
	lines 1 5 >deleted
	printf 'a\nb' >no_newline
	: >empty
	printf 'a\0b' >binary
	save
	same git
	sed -i '3d; 7s/$/ changed/' a/b/edited
	same walk a/b/edited
	rm deleted
	printf 'a\nb\nc' >no_newline
	echo full >empty
	printf 'a\0c' >binary
	mkdir -p new/dir
	lines 1 400 >new/dir/file
	: >new/empty
	same walk deleted no_newline empty binary new/dir/file new/empty
	git checkout -q deleted empty
	same walk deleted empty
	rm -r new
	same walk new/dir/file new/empty
	same walk
	expect_eq "nothing changed" "$(said 2)" same
	same git -w
	expect_eq "nothing changed, seen as a whole" "$(said 2)" same
}

staged()
{
	begin
	lines 1 20 >tracked
	lines 1 9 >other
	save
	same git
	lines 1 3 >new
	same walk new
	git add new
	same walk
	echo more >>new
	same walk new
	echo more >>tracked
	git add tracked
	same walk tracked
	lines 1 20 >tracked
	same walk tracked
	git rm -q --cached other
	same git
	expect_eq "one path twice" "$(tr '\0' '\n' <"$T/our.out" | grep -c 'other$')" 2
	rm other
	same git other
	git reset -q
	same any
	git commit -q -a -m two
	same walk
	rm new
	same walk new
}

modes_and_types()
{
	begin
	lines 1 3 >file
	lines 1 3 >turns
	lines 1 3 >dir
	ln -s file symlink
	mkdir was
	lines 1 3 >was/file
	save
	same git
	chmod +x file
	rm turns dir
	ln -s file turns
	mkdir dir
	lines 1 2 >dir/file
	rm -r was
	echo a file >was
	rm symlink
	lines 1 9 >symlink
	same any file turns dir dir/file was was/file symlink
	git checkout -q .
	rm -rf dir was
	git checkout -q .
	same any file turns dir dir/file was was/file symlink
	rm -rf was
	ln -s /etc was
	same any was
	mkfifo pipe
	same walk pipe
	rm turns
	ln -s nowhere newlink
	same any turns newlink
	rm file
	mkfifo file
	expect_exit 1 "$TOOL" . "$STATE_FILE" file	# and so does git diff
}

odd_names()
{
	local -a names=('-dash' ':colon' ':(top)x' 'a b' '"quoted"' $'new\nline' $'tab\t' $'\xff\xfe' '*' '[a]' "it's" '!not' '#hash' '\back')
	local name
	begin
	for name in "${names[@]:0:7}"; do lines 1 4 >"$name"; done
	save
	same git
	for name in "${names[@]}"; do lines 3 9 >"$name"; done
	same walk "${names[@]}"
	echo '* diff=none' >.git/info/attributes
	same git
	for name in "${names[@]}"; do lines 2 5 >"$name"; done
	same git "${names[@]}"
}

ignored_files()
{
	begin
	mkdir sub
	printf '*.log\nbuild/\n!keep.log\n' >.gitignore
	lines 1 3 >file
	save
	same git
	mkdir build
	echo x >build/x
	echo x >a.log
	echo x >keep.log
	echo x >sub/y
	same walk build/x a.log keep.log sub/y
	git add -f a.log build/x
	same walk
	git rm -q --cached a.log
	same walk
	echo y >sub/.gitignore
	same git sub/.gitignore
	echo z >>.git/info/exclude
	echo z >z
	same git z
	rm sub/.gitignore .gitignore
	same git .gitignore sub/.gitignore
}

moved_heads()
{
	local first
	begin
	lines 1 20 >a
	lines 1 9 >b
	save
	first=$(git rev-parse HEAD)
	same git
	echo more >>a
	echo new >c
	same walk a c
	save
	same walk
	expect_eq "what was committed is not thrown away" "$(said 4)" 0
	echo more >>a
	echo new >d
	same walk a d
	git reset -q --soft "$first"
	same walk
	git reset -q --hard
	rm d
	same walk a c d
	expect_eq "edits and files thrown away" "$(said 4)" 3
	git checkout -q --orphan empty
	same any
	git rm -q -r --cached .
	same any
	git commit -q --allow-empty -m "An empty root"
	same any
	git checkout -q -f -B main "$first"
	same any a b c
}

unborn_head()
{
	begin
	same git
	lines 1 3 >a
	same walk a
	git add a
	same walk
	echo more >>a
	echo b >b
	same walk a b
	git commit -q -m one
	same walk
}

renames()
{
	begin
	mkdir d
	lines 1 40 >a
	lines 1 40 other >d/b
	lines 1 40 third >c
	save
	same git
	git mv a renamed
	same git
	echo more >>renamed
	same git renamed
	rm c
	same git c
	cp d/b d/copy
	git add d/copy
	rm d/b
	same git d/copy d/b
	echo other >>d/copy
	same git d/copy
	git reset -q --hard
	same any a renamed c d/b d/copy
	mv a untracked
	same walk a untracked
	git add -N untracked
	same git
	git add -A
	same git
	git commit -q -m two
	same any
	expect_eq "nothing was thrown away" "$(said 4)" 0
}

directories()
{
	begin
	mkdir -p old/deep other
	lines 1 20 >old/deep/a
	lines 1 20 >old/b
	lines 1 20 >other/c
	save
	same git
	mv old new
	same git old new
	echo more >>new/b
	same walk new/b
	mv new old
	same git old new
	mkdir -p more/below
	lines 1 3 >more/below/x
	lines 1 3 >more/y
	same git more
	rm -r more
	same any more
	git init -q nested
	lines 1 3 >nested/file
	same git nested nested/file
	rm -rf nested/.git
	same git nested
	git init -q nested
	same git nested
}

# ---- what the walk leaves to git -----------------------------------------------------------------
conversions()
{
	begin
	printf '* text=auto\n*.bat eol=crlf\n*.id ident\n' >.gitattributes
	lines 1 9 >file.txt
	printf 'a\r\nb\r\n' >run.bat
	# shellcheck disable=SC2016 # git's keyword
	printf '$Id$\nx\n' >name.id
	save
	same git
	echo more >>file.txt
	same walk file.txt
	sed -i 's/$/\r/' file.txt
	same git file.txt
	touch run.bat
	printf 'a\r\nb\r\nc\r\n' >run.bat
	same git run.bat
	# shellcheck disable=SC2016
	printf '$Id: 12345 $\nx\n' >name.id
	same git name.id
	rm -f .git/index
	git reset -q
	same git -w
}

line_ends_by_setting()
{
	begin
	lines 1 9 >file.txt
	save
	same git
	git config core.autocrlf true
	sed -i 's/$/\r/' file.txt
	same git file.txt
	echo more >>file.txt
	same git file.txt
	git config core.autocrlf false
	same git
	git config --unset core.autocrlf
	same any
}

clean_filters()
{
	begin
	printf '*.up filter=upper\n*.bin binary\n*.odd -diff\n*.text diff\n' >.gitattributes
	git config filter.upper.clean "tr a-z A-Z"
	git config filter.upper.smudge "tr A-Z a-z"
	printf 'one\ntwo\n' >shout.up
	lines 1 5 >plain
	lines 1 5 >data.bin
	save
	same git
	printf 'one\ntwo\nthree\n' >shout.up
	same git shout.up
	printf 'one\ntwo\n' >shout.up
	touch shout.up
	same git shout.up
	echo more >>plain
	same walk plain
	touch data.bin
	same git data.bin
	echo more >>data.bin
	lines 1 5 >new.odd
	printf 'a\0b\n' >new.text
	lines 1 5 >new.bin
	same git data.bin new.odd new.text new.bin
	same git -w
}

flags_of_the_index()
{
	begin
	lines 1 9 >a
	lines 1 9 >b
	lines 1 9 >c
	save
	same git
	git update-index --assume-unchanged a
	echo more >>a
	echo more >>b
	same git a b
	git update-index --no-assume-unchanged a
	same git
	git update-index --skip-worktree c
	rm c
	same git c
	git update-index --no-skip-worktree c
	same git
	echo new >intended
	git add -N intended
	same git intended
	echo more >>intended
	same git intended
	git reset -q
	same git
	same walk b
}

special_indexes()
{
	begin
	mkdir d e
	lines 1 9 >d/a
	lines 1 9 >e/b
	lines 1 9 >c
	save
	same git
	git update-index --split-index
	echo more >>d/a
	echo new >n
	same git d/a n
	git add n
	same git
	git update-index --no-split-index
	git update-index --index-version 4
	echo more >>e/b
	same any e/b
	same walk e/b
	git reset -q --hard
	git sparse-checkout set --cone d
	same any e/b d/a n c
	echo more >>d/a
	same git d/a
	git sparse-checkout set --cone --sparse-index d
	echo more >>c
	echo new >n
	same git c n
	git sparse-checkout disable
	same git -w
}

conflicts()
{
	begin
	lines 1 20 >a
	lines 1 20 >gone
	save
	git checkout -q -b side
	sed -i 's/line 5$/side/' a
	git rm -q gone
	save side
	git checkout -q main
	sed -i 's/line 5$/main/' a
	echo more >>gone
	save main
	same git
	git merge -q side >/dev/null 2>&1 || true
	same git a gone
	lines 1 20 >a
	same git a
	git add a
	same git
	git rm -q --cached gone
	git commit -q -m merged
	same any gone
}

modules()
{
	begin
	git init -q "$T/module"
	lines 1 9 >"$T/module/file"
	git -C "$T/module" add .
	git -C "$T/module" commit -q -m one
	lines 1 3 >plain
	save
	git submodule --quiet add "$T/module" sub
	git commit -q -m "A submodule"
	same git
	echo more >>sub/file
	same git sub/file
	git -C sub commit -q -a -m two
	same git sub
	echo more >>plain
	same walk plain
	git add sub
	same git
	git rm -q -f sub
	same any sub sub/file .gitmodules
}

other_formats()
{
	begin --object-format=sha256
	lines 1 20 >a
	mkdir d
	lines 1 20 >d/b
	save
	same git
	echo more >>a
	echo new >n
	git mv d/b d/c
	same git a n
	git commit -q -a -m two
	echo more >>d/c
	same git d/c
	git checkout -q .
	same git d/c
	expect_eq "thrown away" "$(said 4)" 1
}

# A worktree of its own, one with GIT_DIR elsewhere, and one whose settings are per worktree.
places()
{
	local main
	begin
	main=$PWD
	lines 1 9 >a
	save
	git worktree add -q "$T/linked" -b linked
	cd "$T/linked" || return
	same git
	echo more >>a
	echo new >n
	same walk a n
	git -C "$main" config extensions.worktreeConfig true
	git config --worktree core.fileMode false
	chmod +x a
	same git a
	echo more >>a
	same git a
	git init -q --separate-git-dir="$T/elsewhere.git" "$T/separate"
	cd "$T/separate" || return
	STATE_FILE=$T/state.separate
	echo new >n
	same git n
	git add n
	echo more >>n
	same walk n
}

clones_without_blobs()
{
	begin
	git config uploadpack.allowFilter true
	lines 1 9 >a
	lines 1 9 >b
	save
	git clone -q --filter=blob:none "file://$PWD" "$T/partial"
	cd "$T/partial" || return
	same git
	echo more >>a
	same walk a
	git remote set-url origin "file://$T/nowhere"
	rm -f .git/objects/pack/*.promisor
	same walk a
}

nothing_is_written()
{
	local before
	begin
	for file in a b c d; do lines 1 9 >$file; done
	printf 'a\0b' >binary
	save
	touch -d '2001-01-01' a b c d binary
	echo more >>a
	echo new >n
	git add n
	git mv d e
	rm b
	git config core.fileMode true
	before=$(find .git -type f -printf '%p %s %T@ %i\n' | sort; find .git -type f -print0 | sort -z | xargs -0 sha1sum)
	"$TOOL" -k "$T/keep" . "$STATE_FILE" >/dev/null 2>"$T/our.err"
	"$TOOL" -k "$T/keep" . "$STATE_FILE" a b c d e n binary >/dev/null 2>"$T/our.err"
	echo '*.none diff' >.git/info/attributes
	before+=$'\n'$(sha1sum .git/info/attributes)
	"$TOOL" -w -k "$T/keep" . "$STATE_FILE" >/dev/null 2>"$T/our.err"
	rm .git/info/attributes
	expect_eq "the repository" \
	    "$(find .git -type f -printf '%p %s %T@ %i\n' | sort; find .git -type f -print0 | sort -z | xargs -0 sha1sum)" \
	    "$(head -n -1 <<<"$before")"
}

hostile_settings_run_nothing()
{
	begin
	lines 1 9 >file
	lines 1 9 >x.txt
	echo '*.txt diff=evil' >.gitattributes
	save
	printf '#!/bin/sh\ntouch %s/ran\n' "$T" >"$T/evil"
	chmod +x "$T/evil"
	for setting in diff.external diff.evil.command diff.evil.textconv core.fsmonitor core.pager core.sshCommand; do
		git config $setting "$T/evil"
	done
	mkdir "$T/evil_hooks"
	cp "$T/evil" "$T/evil_hooks/post-index-change"
	git config core.hooksPath "$T/evil_hooks"
	echo more >>file
	echo more >>x.txt
	"$TOOL" . "$STATE_FILE" >"$T/out" 2>"$T/our.err"
	"$TOOL" . "$STATE_FILE" file x.txt >"$T/out" 2>"$T/our.err"
	expect_eq "the engine" "$(said 1)" git
	[ ! -e "$T/ran" ] || fail "a program of the repository's choice was run"
}

many_paths()
{
	local -a paths
	begin
	mkdir d
	for i in $(seq 1 2500); do echo "$i" >"d/f$i"; done
	save
	same git
	for i in $(seq 1 2500); do echo more >>"d/f$i"; done
	for i in $(seq 1 500); do echo new >"d/n$i"; done
	mapfile -t paths < <(find d -type f)
	same walk "${paths[@]}"
	echo '* -diff' >.git/info/attributes
	same git
	for i in $(seq 1 2500); do echo yet more >>"d/f$i"; done
	same git "${paths[@]}"
}

# ---- random steps -----------------------------------------------------------------------------------
snapshot()
{
	find . -path ./.git -prune -o -mindepth 1 -type d -printf '%P dir\0' -o -mindepth 1 -printf '%P %y %i %T@ %C@ %m %s\0'
}

# What a watcher would tell: files that differ, and directories that came or went, of which sometimes only the directory.
dirty_paths()
{
	local line path
	local -A before=() after=() dirty=()
	while IFS= read -r -d '' line; do before[$line]=1; done <"$T/before"
	while IFS= read -r -d '' line; do after[$line]=1; done <"$T/after"
	for line in "${!before[@]}"; do [ -n "${after[$line]-}" ] || dirty[$line]=1; done
	for line in "${!after[@]}"; do [ -n "${before[$line]-}" ] || dirty[$line]=1; done
	DIRTY=()
	for line in "${!dirty[@]}"; do
		path=${line% dir}
		[ "$path" != "$line" ] || path=${line% ? * * * * *}
		DIRTY+=("$path")
	done
	[ ${#DIRTY[@]} -gt 0 ] || return 0
	if [ $((RANDOM % 3)) -eq 0 ]; then
		mapfile -t DIRTY < <(printf '%s\n' "${DIRTY[@]}" | LC_ALL=C sort |
		    awk -v dirs="$(printf '%s\n' "${!dirty[@]}" | sed -n 's/ dir$//p')" '
			BEGIN { n = split(dirs, dir, "\n") }
			{ for (i = 1; i <= n; i++) if (dir[i] != "" && index($0, dir[i] "/") == 1) next; print }')
	fi
}

names=(a b "c c" d/a d/b d/e/f d e/x e/y.log -z "d/e/:g" f.crlf)
random_step()
{
	local file=${names[RANDOM % ${#names[@]}]} other=${names[RANDOM % ${#names[@]}]}
	case $((RANDOM % 34)) in
	0|1|2|3)	[ ! -f "$file" ] || echo "added $RANDOM" >>"./$file" ;;
	4|5)		[ ! -f "$file" ] || sed -i "$((1 + RANDOM % 9))d" "./$file" ;;
	6|7)		rm -rf "./$file" ;;
	8|9|10)		mkdir -p "$(dirname "./$file")" 2>/dev/null && lines 1 $((RANDOM % 30)) "$((RANDOM % 2))" >"./$file" ;;
	11|12)		git --literal-pathspecs add -- "$file" ;;
	13)		git add -A ;;
	14)		git --literal-pathspecs rm -q -r --cached -- "$file" ;;
	15)		git mv -- "$file" "$other" ;;
	16)		[ ! -f "$file" ] || chmod "$([ -x "./$file" ] && echo -x || echo +x)" "./$file" ;;
	17)		rm -rf "./$file"; ln -s "$RANDOM" "./$file" ;;
	18)		rm -rf "./$file"; printf 'b%s\0c\n' "$RANDOM" >"./$file" ;;
	19)		[ -e .gitignore ] && rm .gitignore || printf '*.log\nc c\n' >.gitignore ;;
	20|21)		git commit -q -a -m step ;;
	22)		git commit -q -m "staged only" ;;
	23)		git reset -q --hard ;;
	24)		git reset -q ;;
	25)		git checkout -q "$(git rev-list --all | shuf -n 1 --random-source=<(yes $RANDOM))" ;;
	26)		git --literal-pathspecs add -N -- "$file" ;;
	27)		mv -T "./$file" "./$other" ;;
	28)		[ ! -f "$file" ] || touch "./$file" ;;
	29)		git stash -q -u ;;
	30)		git stash pop -q ;;
	31)		git reset -q --soft HEAD~1 ;;
	32)		[ ! -f "$file" ] || { cp "./$file" "$T/copy"; rm "./$file"; cp "$T/copy" "./$file"; } ;;
	33)		git clean -q -f -d ;;
	esac
}

random_steps()
{
	local i j walked=0
	local -a DIRTY=()
	begin
	RANDOM=$SEED
	mkdir -p d/e
	for name in a b "c c" d/a d/e/f; do lines 1 12 >"$name"; done
	save
	STATE_FILE=$T/state.random
	same git
	for i in $(seq 1 "$STEPS"); do
		snapshot >"$T/before"
		for ((j = 0; j <= RANDOM % 3; j++)); do
			random_step >"$T/step.log" 2>&1 || true
		done
		snapshot >"$T/after"
		dirty_paths
		same any "${DIRTY[@]}"
		[ "$(said 1)" != walk ] || walked=$((walked + 1))
		if [ $((i % 10)) -eq 0 ]; then
			same git -w
			expect_eq "step $i, seen as a whole" "$(said 2)" same
		fi
	done
	[ "$walked" -gt $((STEPS / 4)) ] || fail "only $walked of $STEPS steps were walked"
	git --git-dir="$T/keep/kept/0198f0c2-7d3a-7bcd-8e12-0123456789ab.git" fsck --strict >"$T/fsck" 2>&1 || fail "$(cat "$T/fsck")"
}

t "plain edits" plain_edits
t "staged edits" staged
t "modes, links and directories" modes_and_types
t "odd names" odd_names
t "ignored files" ignored_files
t "a HEAD that moves" moved_heads
t "an unborn HEAD" unborn_head
t "renames" renames
t "directories that come and go" directories
t "line ends and ident" conversions
t "line ends by a setting" line_ends_by_setting
t "filters and binary attributes" clean_filters
t "flags of the index" flags_of_the_index
t "split, compressed and sparse indexes" special_indexes
t "conflicts" conflicts
t "submodules" modules
t "a SHA-256 repository" other_formats
t "worktrees in other places" places
t "clones without blobs" clones_without_blobs
t "nothing is written into the repository" nothing_is_written
t "hostile settings run nothing" hostile_settings_run_nothing
t "thousands of paths" many_paths
t "random steps" random_steps
end_tests
