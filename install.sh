#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs Runwake from this source tree; `./install.sh --help` tells how. Doing it again changes nothing that is
# right already. What it installs is listed in PREFIX/share/runwake/manifest, and --uninstall removes exactly that.
set -eu

# package, and the sign that it is there: a program, a pkg-config name after a colon, a file from a slash on
NEEDS='
gcc cc
libc6-dev /usr/include/stdio.h
make make
pkg-config pkg-config
libjansson-dev :jansson
uuid-dev :uuid
libgit2-dev :libgit2
libsqlite3-dev :sqlite3
git git
'

usage()
{
	cat <<-'TEXT'
	usage: ./install.sh [--prefix DIR] [--global] [--demo] [--dry-run] [REPO…]
	       ./install.sh --uninstall [--prefix DIR] [--dry-run]

	Installs the packages that are missing (apt, with sudo where you are not root), builds, installs
	under DIR, and puts Runwake's hooks into each REPO. Existing hooks keep running.

	  --prefix DIR   where to install; ~/.local if not given
	  --global       future clones get the hooks too (through git's init.templateDir)
	  --demo         afterwards, show the whole loop on a copy of this source tree's repository
	  --dry-run      say what would be done, and do nothing
	  --uninstall    take the hooks out of what was wired here, and remove what was installed;
	                 what was recorded stays

	exit codes: 0 done, 1 something could not be done (said on stderr), 2 wrong usage
	TEXT
}

say()
{
	printf '%s\n' "$*"
}

warn()
{
	printf 'install.sh: %s\n' "$*" >&2
}

die()
{
	warn "$*"
	exit 1
}

# Runs a command, or says it.
act()
{
	if [ "$dry_run" = yes ]; then
		say "  would run: $*"
	else
		"$@"
	fi
}

# ---- paths as lines ---------------------------------------------------------------------------
# The manifest has one path a line, and a path may hold a newline: % becomes %25, a newline %0A. (The dot keeps a
# newline at the end from being eaten.)
encode()
{
	printf '%s.' "$1" | sed 's/%/%25/g' | awk 'NR > 1 { printf "%%0A" } { printf "%s", $0 }' | sed 's/\.$//'
}

# Sets decoded.
decode()
{
	decoded=$(printf '%s.' "$1" | sed -e 's/%0A/\
/g' -e 's/%25/%/g')
	decoded=${decoded%.}
}

# ---- packages ---------------------------------------------------------------------------------
is_there()
{
	case $1 in
	:*)	pkg-config --exists "${1#:}" 2>/dev/null ;;
	/*)	[ -e "$1" ] ;;
	*)	command -v "$1" >/dev/null 2>&1 ;;
	esac
}

missing_packages()
{
	printf '%s\n' "$NEEDS" | while read -r package sign; do
		[ -z "$package" ] || is_there "$sign" || printf '%s ' "$package"
	done
}

install_packages()
{
	missing=$(missing_packages)
	if [ -z "$missing" ]; then
		say "Packages: all there"
		return
	fi
	say "Packages: $missing"
	command -v apt-get >/dev/null 2>&1 ||
		die "these are missing, and there is no apt-get here to install them; by Debian's names: $missing"
	as_root=
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null 2>&1 || die "not root and no sudo: have somebody run: apt-get install $missing"
		as_root=sudo
	fi
	if [ "$dry_run" = yes ]; then
		say "  would run: apt-get install $missing"
		return
	fi
	$as_root apt-get update -q </dev/null >"$log" 2>&1 || { cat "$log" >&2; die "apt-get update failed"; }
	# shellcheck disable=SC2086 # one word a package
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing \
	    </dev/null >"$log" 2>&1 || { tail -n 20 "$log" >&2; die "apt-get could not install: $missing"; }
}

# ---- building and installing ------------------------------------------------------------------
build()
{
	say "Building"
	[ "$dry_run" = no ] || { say "  would run: make"; return; }
	make -j"$(nproc 2>/dev/null || echo 1)" </dev/null >"$log" 2>&1 || {
		tail -n 40 "$log" >&2
		die "the build failed (see above)"
	}
}

# A directory and its parents; those that were not there are ours to remove again.
make_dirs()
{
	[ ! -d "$1" ] || return 0
	make_dirs "$(dirname "$1")"
	mkdir "$1" || die "cannot make $1: choose another place with --prefix DIR"
	echo "dir $(encode "$1")" >>"$new_manifest"
}

# By rename, so that a hook that starts at this moment finds the old program or the new one, whole.
put_file() # FROM TO
{
	cp -pP "$1" "$2.runwake-new" || die "cannot write $2: choose another place with --prefix DIR"
	mv -f "$2.runwake-new" "$2"
}

# The manifest is written before the files: an installation that is cut short can be taken back too.
install_files()
{
	say "Installing under $prefix"
	[ "$dry_run" = no ] || { say "  would run: make install PREFIX=$prefix"; return; }
	stage=$scratch/stage
	make -s install DESTDIR="$stage" PREFIX="$prefix" </dev/null >"$log" 2>&1 || {
		tail -n 20 "$log" >&2
		die "make install failed (see above)"
	}
	[ ! -f "$manifest" ] || grep -v '^file ' "$manifest" >"$new_manifest" || :
	(cd "$stage" && find . \( -type f -o -type l \) -print) | sed 's/^\.//' | sort >"$scratch/files"
	while read -r file; do
		make_dirs "$(dirname "$file")"
		echo "file $(encode "$file")" >>"$new_manifest"
	done <"$scratch/files"
	make_dirs "$(dirname "$manifest")"
	find_obsolete
	write_manifest
	while read -r file; do
		put_file "$stage$file" "$file"
	done <"$scratch/files"
	while read -r word path; do
		remove_entry "$word" "$path"
	done <"$scratch/obsolete"
}

# What an earlier version installed and this one does not.
find_obsolete()
{
	: >"$scratch/obsolete"
	[ ! -f "$manifest" ] || grep '^file ' "$manifest" | grep -vxFf "$new_manifest" >"$scratch/obsolete" || :
}

write_manifest()
{
	LC_ALL=C sort -u "$new_manifest" >"$manifest.new"
	mv -f "$manifest.new" "$manifest"
}

# ---- wiring -----------------------------------------------------------------------------------
note_in_manifest() # LINE
{
	echo "$1" >>"$manifest"
	LC_ALL=C sort -u -o "$manifest" "$manifest"
}

wire() # REPO
{
	say "Wiring $1"
	act "$prefix/bin/runwake" install "$1" || { warn "$1 is not wired wholly (see above)"; failed=yes; }
	[ "$dry_run" = yes ] || note_in_manifest "repository $(encode "$1")"
}

wire_future_clones()
{
	say "Wiring future clones"
	act "$prefix/bin/runwake" install --global || { warn "future clones are not wired (see above)"; failed=yes; return; }
	[ "$dry_run" = yes ] || note_in_manifest "global -"
}

# Sets absolute.
make_absolute()
{
	case $1 in
	/*)	absolute=$1 ;;
	*)	absolute=$started_in/$1 ;;
	esac
}

path_hint()
{
	case :$PATH: in
	*":$prefix/bin:"*)	;;
	*)	say "Put it on your PATH:  export PATH=\"$prefix/bin:\$PATH\"" ;;
	esac
}

# ---- uninstalling -----------------------------------------------------------------------------
remove_entry() # WORD ENCODED-PATH
{
	decode "$2"
	case $1 in
	file|dir)
		# A manifest that somebody changed must not lead us elsewhere.
		case $decoded in
		*/../*|*/..)	warn "left alone, not a path of ours: $decoded"; return ;;
		"$prefix"/*)	;;
		"$prefix")	;;
		*)		[ "$1" = dir ] || warn "left alone, not under $prefix: $decoded"; return ;;
		esac
		;;
	esac
	case $1 in
	file)	act rm -f "$decoded" ;;
	dir)	act rmdir "$decoded" 2>/dev/null || : ;;
	esac
}

unwire() # WORD ENCODED-PATH
{
	decode "$2"
	if [ "$1" = global ]; then
		say "Unwiring future clones"
		act "$prefix/bin/runwake" install --global --uninstall || return 1
	elif [ -d "$decoded" ]; then
		say "Unwiring $decoded"
		act "$prefix/bin/runwake" install --uninstall "$decoded" || return 1
	else
		say "Not there any more: $decoded"
	fi
}

uninstall()
{
	[ -f "$manifest" ] || die "nothing was installed under $prefix by this script (no $manifest)"
	grep -E '^(repository|global) ' "$manifest" >"$scratch/wired" || :
	[ ! -s "$scratch/wired" ] || [ -x "$prefix/bin/runwake" ] ||
		die "$prefix/bin/runwake is gone, and without it no hook can be taken out: install again, then --uninstall"
	while read -r word path; do
		unwire "$word" "$path" </dev/null || { warn "could not be unwired (see above)"; failed=yes; }
	done <"$scratch/wired"
	[ "$failed" = no ] || die "nothing was removed, since the hooks that are left need it: mend that, then run this again"
	say "Removing what was installed under $prefix"
	grep '^file ' "$manifest" >"$scratch/files" || :
	# Deepest first.
	grep '^dir ' "$manifest" | sort -r >"$scratch/dirs" || :
	while read -r word path; do
		remove_entry "$word" "$path"
	done <"$scratch/files"
	act rm -f "$manifest"
	while read -r word path; do
		remove_entry "$word" "$path"
	done <"$scratch/dirs"
	[ "$dry_run" = yes ] || say "Removed. What was recorded stays in ${XDG_STATE_HOME:-$HOME/.local/state}/runwake: delete that directory to forget it."
}

# ---- the order of things ----------------------------------------------------------------------
clean_up()
{
	rm -rf "$scratch"
}

parse()
{
	while [ $# -gt 0 ]; do
		case $1 in
		--prefix)	[ $# -gt 1 ] || usage_error "--prefix needs a directory"; prefix=$2; shift ;;
		--prefix=*)	prefix=${1#--prefix=} ;;
		--global)	global=yes ;;
		--demo)		demo=yes ;;
		--dry-run)	dry_run=yes ;;
		--uninstall)	uninstall=yes ;;
		-h|--help)	usage; exit 0 ;;
		--)		shift; break ;;
		-*)		usage_error "unknown option $1" ;;
		*)		break ;;
		esac
		shift
	done
	repositories=$#
	for word; do
		case $word in
		-*)	usage_error "options come before the repositories: $word" ;;
		esac
		[ "$uninstall" = no ] || usage_error "--uninstall takes no repository: see runwake install --uninstall $word"
		[ -d "$word" ] || die "no such directory: $word"
	done
	case $prefix in
	'')	usage_error "--prefix is empty" ;;
	*"$newline"*) usage_error "--prefix must not hold a newline" ;;
	esac
}

usage_error()
{
	warn "$1"
	usage >&2
	exit 2
}

main()
{
	newline='
'
	prefix=${HOME:+$HOME/.local} global=no demo=no dry_run=no uninstall=no failed=no
	started_in=$(pwd)
	[ -n "$prefix" ] || [ $# -gt 0 ] || die "HOME is not set: name a place with --prefix DIR"
	parse "$@"
	while [ $# -gt "$repositories" ]; do
		shift
	done
	make_absolute "$prefix"
	prefix=${absolute%/}
	manifest=$prefix/share/runwake/manifest
	scratch=$(mktemp -d "${TMPDIR:-/tmp}/runwake-install.XXXXXX")
	trap clean_up EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	log=$scratch/log
	new_manifest=$scratch/manifest
	: >"$new_manifest"
	if [ "$uninstall" = yes ]; then
		uninstall
		return
	fi
	here=$(dirname "$0")
	cd "$here" || die "cannot enter $here"
	[ -f VERSION ] || die "run this from Runwake's source tree"
	install_packages
	build
	install_files
	for repository; do
		make_absolute "$repository"
		wire "$absolute"
	done
	[ "$global" = no ] || wire_future_clones
	if [ "$demo" = yes ]; then
		act bash tests/demo.sh "$prefix" . </dev/null
	fi
	if [ "$dry_run" = no ]; then
		say "Runwake $(cat VERSION) is installed."
		path_hint
		[ $# -gt 0 ] || say "Next: $prefix/bin/runwake install REPO   (in each repository whose commits are to be recorded)"
	fi
	[ "$failed" = no ]
}

main "$@"
