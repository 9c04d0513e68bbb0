#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A PostgreSQL cluster of a test's own, reached by a unix socket in its directory alone, unless a SETTING says otherwise:
#
#	postgres_cluster.sh make DIR [SETTING…]	a new one in DIR, which may not be there yet; and starts it
#	postgres_cluster.sh start|stop|kill DIR	kill: all of its processes at once, as a power cut would
#	postgres_cluster.sh is-there		exit 1 where no server is installed
#
# A server refuses to run as root: then it runs as postgres or nobody. Its superuser is called postgres and needs no
# password. RUNWAKE_TEST_POSTGRES names the directory of its programs, where it is not to be the newest installed one.
# Nothing is synced to the disk unless a SETTING (such as fsync=on) says so. Where nothing is, and RUNWAKE_TEST_MEMORY names a
# directory in memory, the server's files are there and DIR/data is a link: to make the thousand files of a cluster and its
# databases takes a disk's file system longer than what most tests then ask of them. Who made that directory removes it.
set -eu

bin()
{
	local dir
	if [ -n "${RUNWAKE_TEST_POSTGRES:-}" ]; then
		echo "$RUNWAKE_TEST_POSTGRES"
		return
	fi
	for dir in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V -r) $(pg_config --bindir 2>/dev/null); do
		[ ! -x "$dir/initdb" ] || { echo "$dir"; return; }
	done
	dir=$(command -v initdb) || return 1
	dirname "$(readlink -f "$dir")"
}

as_server()
{
	local user=nobody
	if [ "$(id -u)" -ne 0 ]; then
		"$@"
		return
	fi
	! id postgres >/dev/null 2>&1 || user=postgres
	(cd / && setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups env HOME=/ "$@")
}

start()
{
	as_server "$BIN/pg_ctl" -D "$1/data" -l "$1/log" -w -t 60 start >/dev/null || { cat "$1/log" >&2; exit 1; }
}

place_data() # DIR OWNER SETTING…
{
	local dir=$1 owner=$2 data
	[ -n "${RUNWAKE_TEST_MEMORY:-}" ] && [[ " ${*:3} " != *" fsync=on "* ]] || return 0
	data=$(mktemp -d "$RUNWAKE_TEST_MEMORY/data.XXXXXX")
	[ "$(id -u)" -ne 0 ] || chown "$owner" "$data"
	ln -s "$data" "$dir/data"
}

make()
{
	local dir=$1 owner=nobody
	shift
	mkdir -p "$dir"
	chmod 755 "$dir"
	if [ "$(id -u)" -eq 0 ]; then
		! id postgres >/dev/null 2>&1 || owner=postgres
		chown "$owner" "$dir"
	fi
	place_data "$dir" "$owner" "$@"
	as_server "$BIN/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N >"$dir/initdb.log" 2>&1 || {
		cat "$dir/initdb.log" >&2
		exit 1
	}
	printf '%s\n' "listen_addresses = ''" "unix_socket_directories = '$dir'" fsync=off full_page_writes=off max_connections=50 \
	    shared_buffers=64MB autovacuum_naptime=10min "$@" >>"$dir/data/postgresql.conf"
	start "$dir"
}

has_ended() # PID; one that nobody has waited for has, too
{
	[[ $(ps -o stat= -p "$1") =~ ^(Z.*)?$ ]]
}

# A server is not started while one of an earlier one's processes still has its memory, or its leader is still listed.
kill_all()
{
	local leader pid
	local -a all
	leader=$(head -n 1 "$1/data/postmaster.pid")
	kill -STOP "$leader"	# so that no further process comes
	mapfile -t all < <(ps -o pid= --ppid "$leader" | tr -d ' ')
	kill -9 "$leader" "${all[@]}" 2>/dev/null || :
	for pid in "${all[@]}"; do
		until has_ended "$pid"; do
			:
		done
	done
	while kill -0 "$leader" 2>/dev/null; do
		:
	done
	rm -f "$1/data/postmaster.pid"
}

BIN=$(bin) || exit 1
case ${1:-} in
is-there)	;;
make)		shift; make "$@" ;;
start)		start "$2" ;;
stop)		as_server "$BIN/pg_ctl" -D "$2/data" -w -t 60 -m immediate stop >/dev/null ;;
kill)		kill_all "$2" ;;
*)		sed -n '5,7s/^#//p' "$0" >&2; exit 2 ;;
esac
