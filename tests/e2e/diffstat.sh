#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Our diffs against git's own, pair by pair: the same files, the same numbers, and the engine that we expect.
# The history of the last test is random; DIFFSTAT_SEED=N makes it another one.
# shellcheck source=tests/e2e/harness.sh
. "$(dirname "$0")/harness.sh"

TOOL=$BUILD/tests/e2e/tool_diffstat
SEED=${DIFFSTAT_SEED:-20261122}

# ---- the comparison ---------------------------------------------------------------------------
# A new repository, entered, with the files of an old tree committed by the caller.
begin()
{
	git init -q "$@" "$T/repo.$TEST_COUNT"
	cd "$T/repo.$TEST_COUNT" || return
}

save() # [SUBJECT]
{
	git add -A
	git commit -q --allow-empty -m "${1:-a commit}"
}

hash_of() # REVISION; "" is the empty tree
{
	[ -z "$1" ] || git rev-parse --verify "$1^{commit}"
}

tree_name() # REVISION
{
	if [ -n "$1" ]; then echo "$1"; else git hash-object -t tree /dev/null; fi
}

# The two must print the same bytes; ENGINE "any" takes either.
same() # ENGINE [FROM [TO]]
{
	local engine=$1 from=${2-HEAD~} to=${3-HEAD} from_hash to_hash
	from_hash=$(hash_of "$from")
	to_hash=$(hash_of "$to")
	git diff --numstat -z "$(tree_name "$from")" "$(tree_name "$to")" >"$T/git.out" 2>"$T/git.err"
	"$TOOL" . "$from_hash" "$to_hash" >"$T/our.out" 2>"$T/our.err" || fail "tool_diffstat: $(cat "$T/our.err")"
	cmp -s "$T/git.out" "$T/our.out" || {
		diff -u <(tr '\0' '\n' <"$T/git.out") <(tr '\0' '\n' <"$T/our.out") >&2
		fail "$from..$to differs, by engine $(head -n 1 "$T/our.err")"
	}
	[ "$engine" = any ] || expect_eq "the engine of $from..$to" "$(head -n 1 "$T/our.err")" "$engine"
}

# The same both ways, where nothing else is said.
same_both_ways() # ENGINE
{
	same "$1" HEAD~ HEAD
	same "$1" HEAD HEAD~
}

lines() # FROM TO [WORD]
{
	seq -f "${3:-line} %g" "$1" "$2"
}

# ---- plain changes ----------------------------------------------------------------------------
adds_edits_deletes()
{
	begin
	mkdir -p a/b c
	lines 1 20 >a/b/edited
	lines 1 5 >a/deleted
	lines 1 9 >c/kept
	save
	lines 1 400 other >c/added
	sed -i '3d; 7s/$/ changed/; 12a new' a/b/edited
	rm a/deleted
	save
	same_both_ways walk
	same walk HEAD HEAD
	expect_eq "an empty diff" "$(wc -c <"$T/our.out")" 0
}

empty_files_and_last_lines()
{
	begin
	: >empty
	: >becomes_full
	printf 'a\nb' >no_newline
	printf 'a\nb\n' >loses_newline
	printf 'a' >one_without
	printf '\n' >newline_only
	save
	printf 'full\n' >becomes_full
	rm empty
	printf 'a\nb\n' >no_newline
	printf 'a\nb' >loses_newline
	printf 'a\nb' >one_without
	printf '\n\n' >newline_only
	printf 'x' >added_without
	save
	same_both_ways walk
}

root_and_merge_commits()
{
	begin
	lines 1 10 >file
	save
	same walk "" HEAD
	same walk HEAD ""
	git checkout -q -b side
	lines 1 4 side >side_file
	save
	git checkout -q main
	echo more >>file
	save
	git merge -q -m merged side
	same walk HEAD^1 HEAD
	same walk HEAD^2 HEAD
	same walk "" HEAD
	git checkout -q --orphan lonely
	git rm -q -rf .
	git commit -q --allow-empty -m "An empty root"
	same walk "" HEAD
	same walk main HEAD
}

mode_changes()
{
	begin
	lines 1 5 >script
	lines 1 5 >both
	printf 'a\0b' >binary
	: >empty
	save
	chmod +x script both binary empty
	echo more >>both
	save
	same_both_ways walk
	expect_match "the mode of a binary" "$(tr '\0' '\n' <"$T/our.out")" '-	-	binary'
}

symbolic_links()
{
	begin
	ln -s target link
	ln -s target moved
	ln -s nowhere deleted
	save
	ln -sf other link
	git mv moved elsewhere
	rm deleted
	ln -s somewhere added
	save
	same_both_ways walk
}

type_changes()
{
	begin
	git init -q "$T/inner"
	commit_file "$T/inner" f x "Inner"
	lines 1 3 >to_link
	lines 1 3 a >to_directory
	lines 1 3 b >to_submodule
	ln -s elsewhere to_file
	mkdir to_plain
	lines 1 3 c >to_plain/one
	lines 1 3 d >to_plain/two
	save
	rm -r to_link to_directory to_file to_plain
	ln -s elsewhere to_link
	mkdir to_directory
	lines 1 90 e >to_directory/file
	lines 1 900 f >to_plain
	lines 1 7 g >to_file
	save
	same_both_ways walk
	rm to_submodule
	git add -A
	git update-index --add --cacheinfo "160000,$(git -C "$T/inner" rev-parse HEAD),to_submodule"
	git commit -q -m "A file becomes a submodule"
	same_both_ways git
	same git HEAD~2 HEAD
}

submodules()
{
	local at=1111111111111111111111111111111111111111
	begin
	lines 1 3 >file
	git add -A
	git update-index --add --cacheinfo "160000,$at,bumped" --cacheinfo "160000,$at,moved" \
	    --cacheinfo "160000,$at,quiet"
	printf '[submodule "quiet"]\n\tpath = quiet\n\turl = ./quiet\n\tignore = all\n' >.gitmodules
	git add .gitmodules
	git commit -q -m "Submodules"
	same git "" HEAD
	git update-index --add --cacheinfo "160000,${at//1/2},bumped" --cacheinfo "160000,${at//1/2},quiet" \
	    --force-remove moved --cacheinfo "160000,$at,moved_here"
	git commit -q -m "Bumped"
	same_both_ways git
	echo more >>file
	git add file
	git commit -q -m "None of them changes"
	same_both_ways walk
}

binary_files()
{
	begin
	printf 'a\0b\n' >changed
	printf 'a\0b\n' >deleted
	printf 'text\n' >becomes_binary
	{ head -c 8000 /dev/zero | tr '\0' x; printf '\0\n'; } >nul_at_8000
	{ head -c 7999 /dev/zero | tr '\0' x; printf '\0\n'; } >nul_at_7999
	printf 'c\0d\n' >renamed
	save
	printf 'x\0y\n' >changed
	rm deleted
	printf 'te\0xt\n' >becomes_binary
	echo more >>nul_at_8000
	echo more >>nul_at_7999
	git mv renamed elsewhere
	printf 'e\0f' >added
	save
	same_both_ways any
	rm added
	save
	same_both_ways walk
	git mv elsewhere again
	save
	same_both_ways walk
	echo more >>nul_at_8000
	echo more >>nul_at_7999
	save
	same_both_ways walk
	expect_eq "the two sides of the edge" "$(tr '\0' '\n' <"$T/our.out" | tr '\t' ' ')" $'- - nul_at_7999\n0 1 nul_at_8000'
}

large_files()
{
	begin
	lines 1 150000 "a line of some length" >large
	lines 1 40000 >repeated
	head -c 2000000 /dev/zero >zeros
	save
	sed -i 's/7$/changed/; 1000,1100d' large
	sed -i '5~7d; 3~11s/$/x/' repeated
	save
	same_both_ways walk
	lines 1 150000 "wholly other lines" >large
	save
	same_both_ways walk
}

spaces_and_carriage_returns()
{
	begin
	printf 'a\r\nb\r\nc\r\n' >crlf
	printf 'a\nb\nc\n' >lf
	printf 'a \n\tb\n  c\n' >spaces
	printf 'a\rb\rc' >carriage_returns
	save
	printf 'a\nb\nc\n' >crlf
	printf 'a\r\nb\r\nc\r\n' >lf
	printf 'a\n b\nc  \n' >spaces
	printf 'a\rb\rd' >carriage_returns
	save
	same_both_ways walk
	git config core.autocrlf true
	git config core.whitespace cr-at-eol
	same_both_ways walk
}

odd_paths()
{
	begin
	local name
	for name in $'tab\there' $'new\nline' 'quo"te' "apo'strophe" 'back\slash' '-dash' '--numstat' ' lead' 'trail ' \
	    $'\xff\xfe' $'caf\xc3\xa9' $'lat\xe9' '*' '{a,b}' 'a => b' '~' '#' $'\x01' $'\x7f' ':(top)x' '.gitx'; do
		lines 1 3 >./"$name"
		mkdir -p ./"dir $name"
		lines 1 4 >./"dir $name/$name"
	done
	save
	same walk "" HEAD
	find . -path ./.git -prune -o -type f -exec sed -i 1d {} +
	save
	same_both_ways walk
	git mv ./$'\xff\xfe' ./$'\xff\xfd'
	git mv ./$'tab\there' ./$'tab\tthere'
	save
	same_both_ways walk
}

order_of_paths()
{
	begin
	mkdir -p a b/a
	lines 1 3 one >a/x
	lines 1 3 two >a.txt
	lines 1 3 three >a-b
	lines 1 3 four >b/a/y
	save
	git rm -q -r a
	lines 1 300 five >a
	lines 1 300 six >a0
	mkdir a.d
	lines 1 300 seven >a.d/z
	echo more >>a.txt
	echo more >>a-b
	save
	same_both_ways walk
}

# ---- renames ----------------------------------------------------------------------------------
exact_renames()
{
	begin
	mkdir -p from/deep
	lines 1 10 unique >here
	lines 1 11 across >from/deep/file
	lines 1 12 executable >script
	printf 'bin\0ary' >binary
	: >empty_one
	: >empty_two
	save
	mkdir -p to
	git mv here there
	git mv from/deep/file to/file
	git mv script tool
	chmod +x tool
	git mv binary blob
	git mv empty_one nothing
	rm empty_two
	save
	same_both_ways walk
}

alike_sources_and_destinations()
{
	begin
	mkdir -p a b c
	lines 1 5 same >a/name
	cp a/name a/other
	cp a/name b/third
	cp a/name c/target
	save
	mkdir -p x y z
	git mv a/name z/other
	git mv a/other x/fourth
	git mv b/third y/name
	git mv c/target z/fifth
	cp z/fifth z/sixth
	save
	same_both_ways walk
	rm x/fourth y/name
	mkdir q
	cp z/fifth q/sixth
	save
	same_both_ways walk
}

many_alike()
{
	local i
	begin
	mkdir old new
	for i in $(seq 1 150); do lines 1 3 >"old/$i"; done
	for i in $(seq 1 20); do : >"old/empty$i"; done
	save
	git rm -q -r old
	mkdir -p new
	for i in $(seq 150 -1 90) $(seq 200 230); do lines 1 3 >"new/$i"; done
	for i in $(seq 12 30); do : >"new/empty$i"; done
	save
	same_both_ways walk
}

# The one with the right base name is found only among the first 100 of the same content.
where_git_stops_looking()
{
	local place
	begin
	mkdir old
	for place in $(seq 101 250); do lines 1 3 >"old/$place"; done
	save
	for place in 101 199 200 201 202 203; do
		git rm -q -r old
		mkdir new
		lines 1 3 >"new/$place"
		save
		same walk
		git revert --no-edit HEAD >/dev/null
	done
}

inexact_renames()
{
	begin
	mkdir dir
	lines 1 100 >dir/file
	lines 1 50 other >second
	lines 1 30 small >third
	save
	git mv dir/file moved
	sed -i '5,9s/$/ edited/' moved
	git mv second dir/second
	echo more >>dir/second
	rm third
	lines 1 30 unlike >fourth
	save
	same_both_ways git
	grep -qz $'\t$' "$T/our.out" || fail "no rename was found"
}

renames_that_cannot_be()
{
	begin
	lines 1 1000 long >large
	save
	rm large
	lines 1 3 short >small
	save
	same_both_ways walk
	git mv small smaller
	save
	git rm -q smaller
	ln -s elsewhere smaller_link
	save
	same_both_ways walk
}

halves_and_doubles()
{
	local size
	for size in 49 50 51 99 100 101 199 200 201; do
		rm -rf "$T/repo.$TEST_COUNT"
		begin
		head -c 100 /dev/zero | tr '\0' a >old
		save
		rm old
		head -c "$size" /dev/zero | tr '\0' a >new
		save
		same any HEAD~ HEAD
		same any HEAD HEAD~
	done
}

copies()
{
	begin
	lines 1 20 >source
	save
	cp source copy
	save
	same_both_ways walk
	cp source another
	git mv source moved
	echo x >>copy
	save
	same_both_ways walk
}

settings_of_the_user()
{
	begin
	lines 1 40 >file
	lines 1 40 other >moved
	save
	git mv moved elsewhere
	sed -i 's/7$/x/' file
	echo "edited too" >>elsewhere
	save
	same git
	cp "$T/our.out" "$T/plain"
	local setting
	for setting in diff.renames=false diff.renames=copies diff.renameLimit=1 diff.algorithm=patience diff.noprefix=true \
	    diff.mnemonicPrefix=true diff.context=0 diff.ignoreSubmodules=all diff.orderFile=/nonexistent diff.relative=true \
	    diff.suppressBlankEmpty=true diff.external=/bin/false core.pager=false diff.interHunkContext=9 \
	    diff.statNameWidth=3 diff.submodule=log color.ui=always diff.wordRegex=. core.quotePath=false; do
		git config "${setting%%=*}" "${setting#*=}"
		"$TOOL" . "$(hash_of HEAD~)" "$(hash_of HEAD)" >"$T/with" 2>/dev/null
		cmp -s "$T/plain" "$T/with" || fail "$setting changes our figures"
		git config --unset "${setting%%=*}"
	done
}

# ---- attributes -------------------------------------------------------------------------------
# A text, a binary and a file that each of the tests names differently.
attribute_files()
{
	lines 1 5 >text.txt
	printf 'a\0b\n' >binary.bin
	mkdir -p sub/deep
	lines 1 5 >sub/deep/text.txt
	save
}

attribute_edits()
{
	echo more >>text.txt
	echo more >>binary.bin
	echo more >>sub/deep/text.txt
	save "$1"
}

attributes_in_the_tree()
{
	begin
	attribute_files
	echo '*.txt -diff' >.gitattributes
	attribute_edits "-diff"
	same_both_ways git
	echo '*.bin diff' >.gitattributes
	attribute_edits "diff"
	same_both_ways git
	printf '*.bin diff=drawn\n*.txt diff=secret\n' >.gitattributes
	attribute_edits "drivers"
	same_both_ways git
	git config diff.secret.binary true
	git config diff.drawn.binary false
	git config diff.drawn.textconv "wc -c <"
	git config diff.secret.command /bin/false
	same_both_ways git
	echo '*.txt binary' >.gitattributes
	attribute_edits "binary"
	same_both_ways git
	printf '[attr]secret -diff\n*.txt secret\n' >.gitattributes
	attribute_edits "a macro"
	same_both_ways git
	echo '* text=auto eol=lf' >.gitattributes
	attribute_edits "nothing about diffs"
	attribute_edits "nor here"
	same_both_ways walk
}

attributes_below()
{
	begin
	attribute_files
	echo '*.txt -diff' >sub/.gitattributes
	save
	attribute_edits "edited"
	same_both_ways git
	echo only >>text.txt
	save
	same_both_ways walk
	rm sub/.gitattributes
	same git HEAD~3 HEAD
	git checkout -q sub/.gitattributes
	echo '*.txt diff' >untracked.attributes
	mkdir other
	echo '* -diff' >other/.gitattributes
	lines 1 3 >other/file
	git add other/file
	git commit -q -m "The attributes file is not tracked"
	same_both_ways git
}

attributes_outside_of_the_tree()
{
	begin
	attribute_files
	attribute_edits "edited"
	same_both_ways walk
	echo '*.txt -diff' >.git/info/attributes
	same_both_ways git
	echo '*.txt text' >.git/info/attributes
	same_both_ways walk
	mkdir -p "$XDG_CONFIG_HOME/git"
	echo '*.txt binary' >"$XDG_CONFIG_HOME/git/attributes"
	same_both_ways git
	rm "$XDG_CONFIG_HOME/git/attributes"
	echo '*.txt -diff' >"$T/attributes"
	git config core.attributesFile "$T/attributes"
	same_both_ways git
	git config --unset core.attributesFile
	mkdir -p "$HOME/in home"
	echo '*.txt -diff' >"$HOME/in home/attributes"
	# shellcheck disable=SC2088 # git expands it
	git config --global core.attributesFile "~/in home/attributes"
	same_both_ways git
	git config --global --unset core.attributesFile
	same_both_ways walk
}

attributes_that_are_not_checked_out()
{
	begin
	attribute_files
	echo '*.txt -diff' >sub/.gitattributes
	save
	attribute_edits "edited"
	git sparse-checkout set --no-cone '/*' '!/sub/'
	[ ! -e sub ] || fail "sub is checked out"
	same git HEAD~ HEAD
	git sparse-checkout disable
	git rm -q -r sub
	git commit -q -m "Attributes are gone"
	echo more >>text.txt
	save "edited without"
	echo '*.txt -diff' >.gitattributes
	save "attributes come later"
	git sparse-checkout set --no-cone '/*' '!/.gitattributes'
	[ ! -e .gitattributes ] || fail ".gitattributes is checked out"
	same git HEAD~2 HEAD~1
	git sparse-checkout disable
	git checkout -q -B main HEAD~3
	git rm -q --cached sub/.gitattributes
	git commit -q -m "The attributes file is not tracked any more"
	rm sub/.gitattributes
	git checkout -q HEAD~2 -- sub/.gitattributes
	same git HEAD~2 HEAD~1
}

clean_filters()
{
	begin
	printf '*.up filter=upper\n*.crlf text eol=crlf\n*.id ident\n' >.gitattributes
	git config filter.upper.clean "tr a-z A-Z"
	git config filter.upper.smudge "tr A-Z a-z"
	printf 'one\ntwo\n' >shout.up
	printf 'one\r\ntwo\r\n' >dos.crlf
	# shellcheck disable=SC2016 # git's keyword
	printf '$Id$\n' >name.id
	save
	printf 'one\ntwo\nthree\n' >shout.up
	printf 'one\r\ntwo\r\nthree\r\n' >dos.crlf
	# shellcheck disable=SC2016
	printf '$Id: 1234 $\nmore\n' >name.id
	save
	same_both_ways walk
	expect_eq "a filtered file" "$(git show HEAD:shout.up | tail -n 1)" THREE
}

# ---- repositories -----------------------------------------------------------------------------
sha256_repository()
{
	begin --object-format=sha256
	lines 1 10 >file
	mkdir dir
	lines 1 50 other >dir/renamed
	printf 'a\0b' >binary
	save
	same git "" HEAD
	sed -i 3d file
	git mv dir/renamed elsewhere
	echo more >>elsewhere
	printf 'a\0c' >binary
	save
	same_both_ways git
	same git HEAD ""
}

bare_and_linked()
{
	local from to
	begin
	attribute_files
	attribute_edits "edited"
	from=$(hash_of HEAD~)
	to=$(hash_of HEAD)
	git worktree add -q "$T/linked" HEAD~
	cd "$T/linked" || return
	same walk "$from" "$to"
	echo '*.txt -diff' >.gitattributes
	same git "$from" "$to"
	git clone -q --bare "$T/repo.$TEST_COUNT" "$T/bare.git"
	cd "$T/bare.git" || return
	same walk "$from" "$to"
	echo '*.txt -diff' >info/attributes
	same git "$from" "$to"
}

packed_and_extended()
{
	begin
	lines 1 300 >file
	save
	for i in 1 2 3; do
		sed -i "${i}0d" file
		save
	done
	git gc -q
	same walk HEAD~3 HEAD
	git config core.repositoryFormatVersion 1
	git config extensions.worktreeConfig true
	git config extensions.partialClone origin
	same walk HEAD~3 HEAD
	git config --unset extensions.partialClone
	git config --unset extensions.worktreeConfig
	git clone -q --shared . "$T/shared"
	cd "$T/shared" || return
	same walk HEAD~2 HEAD
}

missing_objects()
{
	local from to
	begin
	lines 1 9 >file
	save
	echo more >>file
	save
	from=$(hash_of HEAD~)
	to=$(hash_of HEAD)
	expect_exit 4 "$TOOL" . "$from" "${to//[0-9a-f]/1}"
	expect_exit 4 "$TOOL" . "${to//[0-9a-f]/1}" ""
	rm -f ".git/objects/$(git rev-parse HEAD:file | sed 's,..,&/,')"
	expect_exit 4 "$TOOL" . "$from" "$to"
}

a_clone_without_blobs()
{
	local from to
	begin
	git config uploadpack.allowFilter true
	lines 1 9 >file
	save
	echo more >>file
	save
	from=$(hash_of HEAD~)
	to=$(hash_of HEAD)
	git clone -q --no-checkout --filter=blob:none "file://$PWD" "$T/partial"
	cd "$T/partial" || return
	expect_exit 4 "$TOOL" . "$from" "$to"
	! git rev-list --objects --all --missing=print | grep -v '^?' | grep -q ' file$' || fail "something was fetched"
}

hostile_settings_run_nothing()
{
	begin
	lines 1 9 >file
	echo '*.txt diff=evil' >.gitattributes
	lines 1 9 >x.txt
	save
	echo more >>file
	echo more >>x.txt
	save
	printf '#!/bin/sh\ntouch %s/ran\n' "$T" >"$T/evil"
	chmod +x "$T/evil"
	git config diff.external "$T/evil"
	git config diff.evil.command "$T/evil"
	git config diff.evil.textconv "$T/evil"
	git config core.fsmonitor "$T/evil"
	git config core.pager "$T/evil"
	git config core.sshCommand "$T/evil"
	mkdir "$T/evil_hooks"
	cp "$T/evil" "$T/evil_hooks/post-index-change"
	git config core.hooksPath "$T/evil_hooks"
	"$TOOL" . "$(git rev-parse HEAD~)" "$(git rev-parse HEAD)" >/dev/null 2>"$T/our.err"
	expect_eq "the engine" "$(cat "$T/our.err")" git
	[ ! -e "$T/ran" ] || fail "a program of the repository's choice was run"
}

# A tree of N files in directories of 100, by fast-import, and one more commit that edits one of them.
large_repository() # FILES
{
	begin
	awk -v files="$1" 'BEGIN {
		print "blob\nmark :1\ndata 6\nline 1"
		print "commit refs/heads/main\ncommitter A <a@example.org> 1700000000 +0000\ndata 1\nx"
		for (i = 0; i < files; i++)
			printf "M 100644 inline d%d/e%d/f%d\ndata <<END\nfile %d\nsecond\nEND\n\n", i % 50, int(i / 50) % 20, i, i
		print "commit refs/heads/main\ncommitter A <a@example.org> 1700000001 +0000\ndata 1\ny"
		print "M 100644 inline d7/e3/f157\ndata <<END\nfile 157\nchanged\nadded\nEND\n\n"
	}' | git fast-import --quiet
}

hundred_thousand_files()
{
	large_repository 100000
	same walk main~ main
	same walk main main~
	same walk "" main
}

# ---- random content, random histories ---------------------------------------------------------
# Few different lines in disorder are what line matching finds hardest: the algorithm must be the same.
random_texts()
{
	begin
	write_random_texts 1
	save
	write_random_texts 2
	save
	same_both_ways walk
}

write_random_texts() # PART
{
	awk -v seed="$((SEED + $1))" 'BEGIN {
		srand(seed)
		for (file = 0; file < 300; file++) {
			name = "text" file
			kinds = 2 + int(rand() * (file % 5 == 0 ? 2000 : 8))
			count = int(rand() * (file % 7 == 0 ? 3000 : 120))
			printf "" >name
			for (i = 0; i < count; i++)
				printf "%s%d\n", rand() < 0.3 ? "\t" : "", int(rand() * kinds) >name
			if (rand() < 0.2)
				printf "no newline" >name
			close(name)
		}
	}'
}

# One step: some edits, renames, deletions, additions, of any kind.
random_step()
{
	local -a files
	local i file other
	for i in $(seq 1 $((1 + RANDOM % 5))); do
		mapfile -t files < <(git ls-files)
		file=${files[RANDOM % ${#files[@]}]}
		other=d$((RANDOM % 4))/f$RANDOM
		mkdir -p "d0" "d1" "d2" "d3"
		case $((RANDOM % 12)) in
		0|1|2)	[ -L "$file" ] || sed -i "$((1 + RANDOM % 9))d; \$a added $RANDOM" "$file" ;;
		3)	git mv "$file" "$other" ;;
		4)	git mv "$file" "$other"; [ -L "$other" ] || echo "edited" >>"$other" ;;
		5)	[ ${#files[@]} -lt 8 ] || git rm -qf "$file" ;;
		6)	lines 1 $((RANDOM % 60)) "$((RANDOM % 3))" >"$other" ;;
		7)	[ -L "$file" ] || chmod "$([ -x "$file" ] && echo -x || echo +x)" "$file" ;;
		8)	rm -f "$file"; ln -s "$RANDOM" "$file" ;;
		9)	rm -f "$file"; printf 'b%s\0c\n' "$RANDOM" >"$file" ;;
		10)	cp -P "$file" "$other" ;;
		11)	: >"$other" ;;
		esac
		git add -A
	done
	git commit -q --allow-empty -m "step"
}

random_history()
{
	local -a commits
	local i from to
	begin
	RANDOM=$SEED
	for i in $(seq 1 12); do lines 1 $((i * 4)) "$((i % 3))" >"f$i"; done
	save
	for i in $(seq 1 60); do random_step; done
	mapfile -t commits < <(git rev-list HEAD)
	for i in $(seq 1 200); do
		from=$((RANDOM % ${#commits[@]}))
		to=$((i % 2 == 0 ? RANDOM % ${#commits[@]} : (from + 1 + RANDOM % 2) % ${#commits[@]}))
		same any "${commits[from]}" "${commits[to]}"
		head -n 1 "$T/our.err" >>"$T/engines"
	done
	expect_eq "engines used" "$(sort -u "$T/engines" | tr '\n' ' ')" "git walk "
}

t "adds, edits and deletes" adds_edits_deletes
t "empty files, and last lines without a newline" empty_files_and_last_lines
t "root and merge commits" root_and_merge_commits
t "mode changes" mode_changes
t "symbolic links" symbolic_links
t "files become links, directories and submodules, and back" type_changes
t "submodules are added, bumped and moved" submodules
t "binary files" binary_files
t "files of some megabytes" large_files
t "white space and carriage returns" spaces_and_carriage_returns
t "odd bytes in paths" odd_paths
t "the order of paths" order_of_paths
t "renames without an edit" exact_renames
t "several sources and destinations of one content" alike_sources_and_destinations
t "more files of one content than git looks at" many_alike
t "where git stops looking for a base name" where_git_stops_looking
t "renames with an edit" inexact_renames
t "sizes that rule a rename out" renames_that_cannot_be
t "sizes at the edge of a rename" halves_and_doubles
t "copies" copies
t "the user's diff settings do not count" settings_of_the_user
t "attributes in the tree" attributes_in_the_tree
t "attributes in a directory below" attributes_below
t "attributes from outside of the tree" attributes_outside_of_the_tree
t "attributes that are not checked out" attributes_that_are_not_checked_out
t "clean filters, line ends and ident" clean_filters
t "a SHA-256 repository" sha256_repository
t "a linked worktree and a bare repository" bare_and_linked
t "packs, alternates and extensions" packed_and_extended
t "an object that is missing is said to be so" missing_objects
t "a clone without blobs fetches nothing" a_clone_without_blobs
t "hostile settings run nothing" hostile_settings_run_nothing
t "a tree of 100,000 files" hundred_thousand_files
t "300 random texts" random_texts
t "200 pairs of a random history" random_history
end_tests
