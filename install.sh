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
libpq-dev :libpq
libcurl4-openssl-dev :libcurl
git git
'

usage()
{
	cat <<-'TEXT'
	usage: ./install.sh [--prefix DIR] [--global] [--no-service] [--demo] [--dry-run] [REPO…]
	       ./install.sh --uninstall [--prefix DIR] [--dry-run]

	Installs the packages that are missing (apt, with sudo where you are not root), builds, installs
	under DIR, and puts Runwake's hooks into each REPO. Existing hooks keep running. Where a systemd
	user manager runs, the watcher becomes a service of yours.

	  --prefix DIR   where to install; ~/.local if not given
	  --global       future clones get the hooks too (through git's init.templateDir)
	  --no-service   no user service for the watcher; one that this script made is taken out
	  --demo         afterwards, show the whole loop on a copy of this source tree's repository
	  --dry-run      say what would be done, and do nothing
	  --uninstall    take the hooks out of what was wired here and out of your agent's settings,
	                 and remove what was installed;
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

forget_in_manifest() # PATTERN
{
	grep -v "$1" "$manifest" >"$manifest.new" || :
	mv -f "$manifest.new" "$manifest"
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

# ---- the watcher's user service ---------------------------------------------------------------
# Sets unit, the file; empty where no place for it is known.
name_unit()
{
	unit=${XDG_CONFIG_HOME:-${HOME:+$HOME/.config}}
	case $unit in
	/*)	unit=$unit/systemd/user/$service ;;
	*)	unit= ;;
	esac
}

has_user_manager()
{
	command -v systemctl >/dev/null 2>&1 && systemctl --user show-environment >/dev/null 2>&1 </dev/null
}

is_our_unit()
{
	[ -f "$unit" ] && grep -qF "$unit_mark" "$unit"
}

# A text between a unit file's double quotes: systemd.syntax(7), "Quoting", and systemd.unit(5), "Specifiers".
unit_quote()
{
	printf '"%s"' "$(printf '%s' "$1" | sed -e 's/[\\"]/\\&/g' -e 's/%/%%/g')"
}

# What moves the record and the settings for this shell does so for the service too.
unit_environment()
{
	for name in XDG_STATE_HOME XDG_CONFIG_HOME RUNWAKE_STORE; do
		value=
		eval "value=\${$name-}"
		case $value in
		''|*"$newline"*)	continue ;;
		esac
		printf 'Environment=%s\n' "$(unit_quote "$name=$value")"
	done
}

unit_text()
{
	printf '%s\n' "$unit_mark"
	while IFS= read -r line; do
		case $line in
		*@program@)	printf '%s%s\n' "${line%@program@}" "$(unit_quote "$prefix/bin/runwake-watcher")" ;;
		@environment@)	unit_environment ;;
		*)		printf '%s\n' "$line" ;;
		esac
	done <watcher/runwake-watcher.service.in
}

# Those directories that are not there yet are ours to remove again; the innermost is made by systemctl.
note_unit_dirs()
{
	for place in "$unit" "$(dirname "$unit")/default.target.wants/$service"; do
		while place=$(dirname "$place") && [ ! -d "$place" ]; do
			note_in_manifest "unitdir $(encode "$place")"
		done
	done
}

write_unit()
{
	unit_text >"$scratch/unit"
	note_unit_dirs
	note_in_manifest "unit $(encode "$unit")"
	mkdir -p "$(dirname "$unit")" && cp "$scratch/unit" "$unit.runwake-new" && mv -f "$unit.runwake-new" "$unit"
}

# One that its user has switched off stays off; one that ran is started again, so that the new version takes over.
start_service()
{
	systemctl --user daemon-reload </dev/null || return 1
	if [ "$had_unit" = no ]; then
		systemctl --user enable -q --now "$service" </dev/null
	elif ! systemctl --user is-enabled -q "$service" 2>/dev/null </dev/null; then
		say "  it is switched off, and stays so: systemctl --user enable --now $service"
	else
		systemctl --user restart "$service" </dev/null
	fi
}

linger_hint()
{
	[ -e "/var/lib/systemd/linger/$(id -un)" ] ||
		say "  it ends with your last session; \`loginctl enable-linger\` lets it go on after you log out"
}

install_service()
{
	say "Watcher: a service of your systemd, $unit"
	had_unit=no
	if is_our_unit; then
		had_unit=yes
	elif [ -e "$unit" ] || [ -L "$unit" ]; then
		warn "$unit is not of this script and is left alone: no service is set up"
		failed=yes
		return
	fi
	if [ "$dry_run" = yes ]; then
		say "  would write: $unit"
		say "  would run: systemctl --user daemon-reload"
		if [ "$had_unit" = yes ]; then
			say "  would run: systemctl --user restart $service, if it is enabled"
		else
			say "  would run: systemctl --user enable --now $service"
		fi
		return
	fi
	if write_unit && start_service; then
		linger_hint
	else
		warn "the watcher's service does not start (see above; systemctl --user status $service)"
		failed=yes
	fi
}

# The watcher that \`start\` started, of an older version: the new one reads what happens meanwhile from git's logs.
replace_watcher()
{
	watcher=$prefix/bin/runwake-watcher
	[ -x "$watcher" ] && "$watcher" --status >/dev/null 2>&1 </dev/null || return 0
	if ! "$watcher" --stop </dev/null || ! "$watcher" --detach </dev/null; then
		warn "the watcher that runs is of the old version; $watcher --stop ends it"
	fi
}

setup_watcher()
{
	if [ "$with_service" = no ]; then
		remove_service || failed=yes
	elif [ -n "$unit" ] && has_user_manager; then
		install_service
		return
	elif is_our_unit 2>/dev/null; then
		say "Watcher: your systemd cannot be reached from here; its service keeps the version that it runs"
		[ "$dry_run" = yes ] || write_unit || warn "cannot write $unit"
		return
	else
		say "Watcher: no systemd user manager runs here; \`runwake start\` starts it when it is needed"
	fi
	[ "$dry_run" = yes ] || replace_watcher
}

# The settings' directory may be another one today.
find_noted_unit()
{
	[ -f "$manifest" ] || return 0
	noted=$(sed -n 's/^unit //p' "$manifest" | head -n 1)
	decode "$noted"
	case $decoded in
	/*/systemd/user/"$service")	unit=$decoded ;;
	esac
}

remove_service()
{
	find_noted_unit
	is_our_unit || return 0
	say "Removing the watcher's service"
	if has_user_manager; then
		act systemctl --user disable -q --now "$service" </dev/null ||
			{ warn "$service does not stop (see above)"; return 1; }
	else
		act rm -f "$(dirname "$unit")/default.target.wants/$service"
	fi
	act rm -f "$unit"
	! has_user_manager || act systemctl --user daemon-reload </dev/null || :
	[ -f "$manifest" ] || return 0
	# Deepest first.
	grep '^unitdir ' "$manifest" | sort -r >"$scratch/unitdirs" || :
	while read -r word path; do
		decode "$path"
		case ${unit%"/$service"}/default.target.wants/ in
		"$decoded"/*)	act rmdir "$decoded" 2>/dev/null || : ;;
		*)		warn "left alone, no directory of the service: $decoded" ;;
		esac
	done <"$scratch/unitdirs"
	[ "$dry_run" = yes ] || forget_in_manifest '^unit\(dir\)\{0,1\} '
}

# Whoever started it; what waits is recorded before it ends.
stop_watcher()
{
	watcher=$prefix/bin/runwake-watcher
	[ -x "$watcher" ] && "$watcher" --status >/dev/null 2>&1 </dev/null || return 0
	say "Stopping the watcher"
	act "$watcher" --stop </dev/null || warn "the watcher does not stop (see above)"
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

# The settings of the agent of whoever runs this, if it is this installation that they run.
unwire_agents()
{
	runwake=$prefix/bin/runwake
	[ -x "$runwake" ] || return 0
	place=$(cd "$prefix" && pwd -P)/libexec/runwake/hooks
	case $("$runwake" install --agent claude --uninstall --dry-run 2>/dev/null </dev/null) in
	*"($place/"*|*"($prefix/libexec/runwake/hooks/"*)	;;
	*)	return 0 ;;
	esac
	say "Unwiring Claude Code"
	act "$runwake" install --agent claude --uninstall </dev/null
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
	unwire_agents || { warn "Claude Code could not be unwired (see above)"; failed=yes; }
	[ "$failed" = no ] || die "nothing was removed, since the hooks that are left need it: mend that, then run this again"
	remove_service || die "nothing was removed, since the watcher needs it: mend that, then run this again"
	stop_watcher
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
		--no-service)	with_service=no ;;
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
	prefix=${HOME:+$HOME/.local} global=no with_service=yes demo=no dry_run=no uninstall=no failed=no
	started_in=$(pwd)
	[ -n "$prefix" ] || [ $# -gt 0 ] || die "HOME is not set: name a place with --prefix DIR"
	parse "$@"
	while [ $# -gt "$repositories" ]; do
		shift
	done
	make_absolute "$prefix"
	prefix=${absolute%/}
	manifest=$prefix/share/runwake/manifest
	service="runwake-watcher.service"
	unit_mark="# Written by Runwake's install.sh"
	name_unit
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
	setup_watcher
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
