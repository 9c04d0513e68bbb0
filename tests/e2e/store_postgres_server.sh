#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The server as teams run it, over TCP with TLS, scram, a service file and a passfile; and what becomes of it: too many
# connections, restarts while a recorder stays, a full disk.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
# The full disk is a mount of this script's own, which goes with it.
if [ "$(id -u)" -eq 0 ] && [ -z "${RUNWAKE_TEST_MOUNTS:-}" ] && unshare -m true 2>/dev/null; then
	RUNWAKE_TEST_MOUNTS=1 exec unshare -m --propagation private bash "$0" "$@"
fi
. "$(dirname "$0")/harness.sh"

CLUSTER=$ROOT/tests/postgres_cluster.sh
REPO=$T/project
"$CLUSTER" is-there || { echo "1..0 # SKIP no PostgreSQL server is installed"; exit 0; }
command -v openssl >/dev/null || { echo "1..0 # SKIP openssl is not installed"; exit 0; }
chmod 711 "$T"
unset PGHOST PGPORT PGUSER PGDATABASE PGPASSFILE PGSERVICE PGSERVICEFILE PGOPTIONS PGSSLMODE

# Nobody gives a free port: one is tried after the other, below those that the kernel gives to who asks for any, since the
# server is stopped and started again.
make_server()
{
	local try port
	for try in 1 2 3 4 5 6; do
		port=$((20000 + (RANDOM + try) % 12000))
		! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || continue
		rm -rf "$T/pg"
		"$CLUSTER" make "$T/pg" "listen_addresses = '127.0.0.1'" "port = $port" || continue
		echo "$port" >"$T/port"
		return
	done
	fail "no port is free"
}

as_owner() # SQL; bars between columns
{
	psql -XAtq -F '|' -v ON_ERROR_STOP=1 -h "$T/pg" -p "$(cat "$T/port")" -U postgres -c "$1" "${2:-runwake}"
}

# An authority, and a server's certificate that it signed, for the name localhost.
make_certificates()
{
	local name
	cd "$T"
	for name in root other; do
		openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$name" -keyout "$name.key" -out "$name.crt" 2>/dev/null
	done
	openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr 2>/dev/null
	printf 'subjectAltName=DNS:localhost\n' >names
	openssl x509 -req -in server.csr -CA root.crt -CAkey root.key -CAcreateserial -days 2 -extfile names -out server.crt 2>/dev/null
	cp server.crt server.key pg/data/
	chown "$(stat -Lc %U:%G pg/data)" pg/data/server.crt pg/data/server.key
	chmod 600 pg/data/server.key
	chmod 644 root.crt other.crt
}

set_up()
{
	make_server
	make_certificates
	as_owner "set password_encryption = 'scram-sha-256'; create role team login password 'r1ght'" postgres
	as_owner "create database runwake owner team" postgres
	as_owner "alter system set ssl = on" postgres
	printf '%s\n' "local all postgres trust" "hostssl all all 127.0.0.1/32 scram-sha-256" >"$T/pg/data/pg_hba.conf"
	as_owner "select pg_reload_conf()" postgres >/dev/null
	wait_until 60 has_tls
	printf 'localhost:*:runwake:team:r1ght\n' >"$HOME/.pgpass"
	chmod 600 "$HOME/.pgpass"
	new_repo "$REPO"
	git -C "$REPO" rev-parse HEAD >"$T/base"
}

has_tls()
{
	[ "$(as_owner "show ssl" postgres)" = on ]
}

url() # PARAMETERS
{
	echo "postgresql://team@localhost:$(cat "$T/port")/runwake?hostaddr=127.0.0.1&$1"
}

tls_is_verified()
{
	expect_exit 6 runwake db use "$(url "sslmode=verify-full&sslrootcert=$T/other.crt")"
	expect_match "a wrong root" "$(cat "$T/err")" "certificate verify failed"
	expect_exit 6 runwake db use "$(url "sslmode=verify-full&sslrootcert=$T/nowhere.crt")"
	expect_match "no root" "$(cat "$T/err")" "root certificate file .* does not exist"
	expect_exit 6 runwake db use "$(url "sslmode=verify-full&sslrootcert=$T/root.crt&host=db.example.org")"
	expect_match "another name" "$(cat "$T/err")" "does not match host name"
	expect_exit 6 runwake db use "$(url "sslmode=disable")"
	expect_match "without" "$(cat "$T/err")" "no encryption"
	expect_json "the store is still" "$(runwake db status --json)" .driver sqlite
	runwake db use "$(url "sslmode=verify-full&sslrootcert=$T/root.crt&channel_binding=require")" >/dev/null
	runwake db migrate
	runwake install "$REPO" >/dev/null
	git -C "$REPO" commit -q --allow-empty -m "Over TLS"
	runwake record
	expect_all_recorded
}

# A server that has no TLS, to one that asks for it.
no_tls_is_told()
{
	as_owner "alter system set ssl = off"
	as_owner "select pg_reload_conf()" >/dev/null
	wait_until 60 has_no_tls
	git -C "$REPO" commit -q --allow-empty -m "While the server has no TLS"
	wait_until 60 no_recorder_is_left
	expect_exit 6 runwake list
	expect_match "list" "$(cat "$T/err")" "server does not support SSL, but SSL was required"
	expect_waiting_for "does not support SSL"
	as_owner "alter system set ssl = on"
	as_owner "select pg_reload_conf()" >/dev/null
	wait_until 60 has_tls
	runwake record
	expect_all_recorded
}

has_no_tls()
{
	[ "$(as_owner "show ssl")" = off ]
}

expect_waiting_for() # WHY
{
	expect_exit 6 runwake db status
	expect_match "status" "$(cat "$T/out")" "bytes wait.*waits for .*$1"
	runwake doctor >"$T/out" || :
	expect_match "doctor says what" "$(cat "$T/out")" "bytes in .* wait"
	expect_match "doctor says why" "$(cat "$T/out")" "$1"
}

expect_all_recorded()
{
	as_owner "select new_hash from workflow_movements where verdict = 'made'" | sort >"$T/actual"
	git -C "$REPO" rev-list main --not "$(cat "$T/base")" | sort >"$T/expected"
	expect_same "movements" "$T/actual" "$T/expected"
	expect_eq "events of movements" "$(as_owner "select count(*) from workflow_events where type = 'moved'")" \
	    "$(wc -l <"$T/expected")"
	expect_json "what waits" "$(runwake db status --json)" '[.waiting_bytes, .quarantined] | @csv' 0,0
}

# Everything about the connection stands in libpq's own files.
a_service_is_enough()
{
	mv "$HOME/.pgpass" "$T/passwords"
	cat >"$HOME/.pg_service.conf" <<-SERVICE
		[team]
		host=localhost
		hostaddr=127.0.0.1
		port=$(cat "$T/port")
		dbname=runwake
		user=team
		sslmode=verify-full
		sslrootcert=$T/root.crt
		passfile=$T/passwords
	SERVICE
	runwake db use "postgresql://?service=team" >/dev/null
	git -C "$REPO" commit -q --allow-empty -m "By a service"
	runwake record
	expect_all_recorded
	expect_exit 6 env PGSERVICEFILE="$T/none" runwake list
	expect_match "no service" "$(cat "$T/err")" "service file"
}

# The role's own limit answers as the server's does.
too_many_connections_are_told()
{
	as_owner "alter role team connection limit 0"
	git -C "$REPO" commit -q --allow-empty -m "While there are too many"
	wait_until 60 no_recorder_is_left
	expect_exit 6 runwake list
	expect_match "list" "$(cat "$T/err")" "53300: too many connections.*allow more connections"
	expect_waiting_for "too many connections"
	as_owner "alter role team connection limit -1"
	runwake record
	expect_all_recorded
}

# A recorder that stays has a connection open: it must not take the next event to a server that is gone.
one_that_follows_outlives_servers()
{
	local recorder
	runwake record --follow 2>"$T/follow.err" &
	recorder=$!
	commit_followed "before"
	"$CLUSTER" stop "$T/pg"
	"$CLUSTER" start "$T/pg"
	commit_followed "after a restart while it idles"
	"$CLUSTER" kill "$T/pg"
	git -C "$REPO" commit -q --allow-empty -m "while the server is dead"
	wait_until 60 grep -q "is tried again" "$T/follow.err"
	"$CLUSTER" start "$T/pg"
	commit_followed "after the server was killed"
	wait_until 60 grep -q "recording works again" "$T/follow.err"
	kill "$recorder"
	wait "$recorder"
	expect_all_recorded
}

commit_followed() # SUBJECT
{
	git -C "$REPO" commit -q --allow-empty -m "$1"
	wait_until 60 is_recorded
}

is_recorded()
{
	[ "$(as_owner "select count(*) from workflow_movements where new_hash = '$(git -C "$REPO" rev-parse HEAD)'")" = 1 ]
}

# ---- a full disk ------------------------------------------------------------------------------
unmount_and_clean_up()
{
	"$CLUSTER" stop "$T/pg" 2>/dev/null
	umount -l "$T/small" "$T/log" 2>/dev/null
	clean_up
}
trap unmount_and_clean_up EXIT

small_disk() # DIR MEGABYTES
{
	[ -n "${RUNWAKE_TEST_MOUNTS:-}" ] || skip "nothing can be mounted here"
	mkdir "$1"
	mount -t tmpfs -o "size=$2m" tmpfs "$1" 2>/dev/null || skip "nothing can be mounted here"
	chown "$(stat -Lc %U:%G "$T/pg/data")" "$1"
}

fill() # DIR
{
	! head -c 1G /dev/zero >"$1/full" 2>/dev/null
}

# The tables' disk: the server says so, statement by statement.
a_full_disk_lets_events_wait()
{
	local n run
	small_disk "$T/small" 40
	as_owner "create tablespace small location '$T/small'"
	as_owner "alter database runwake set tablespace small" postgres
	fill "$T/small"
	cd "$REPO"
	run=$(runwake start --workflow implement --task "$(head -c 70000 /dev/urandom | base64 -w 0)")
	for n in 1 2 3 4 5; do
		git commit -q --allow-empty -m "while the disk is full $n"
	done
	wait_until 60 no_recorder_is_left
	expect_exit 6 runwake list
	expect_match "list" "$(cat "$T/err")" "No space left on device.*free some space"
	# Reading works: what a recorder met last is told.
	expect_match "status" "$(runwake db status)" "bytes wait.*waits for .*No space left on device"
	runwake doctor >"$T/out" || :
	expect_match "doctor says what" "$(cat "$T/out")" "bytes in .* wait"
	expect_match "doctor says why" "$(cat "$T/out")" "store.*No space left on device"
	rm "$T/small/full"
	runwake record
	expect_all_recorded
	expect_json "the run" "$(runwake show --json "$run")" '.commits | length' 5
	runwake finish "$run" --status completed
	as_owner "alter database runwake set tablespace pg_default" postgres
}

# The write-ahead log's disk: the server panics and stays away.
a_full_log_takes_the_server_along()
{
	small_disk "$T/log" 64
	as_owner "alter system set max_wal_size = '32MB'"
	"$CLUSTER" stop "$T/pg"
	cp -a "$T/pg/data/pg_wal/." "$T/log/"
	rm -rf "$T/pg/data/pg_wal"
	ln -s "$T/log" "$T/pg/data/pg_wal"
	"$CLUSTER" start "$T/pg"
	fill "$T/log"
	wait_until 60 server_panics
	git -C "$REPO" commit -q --allow-empty -m "while the log is full"
	wait_until 60 no_recorder_is_left
	expect_exit 6 runwake list
	expect_waiting_for connect
	rm "$T/log/full"
	"$CLUSTER" stop "$T/pg" 2>/dev/null || rm -f "$T/pg/data/postmaster.pid"
	"$CLUSTER" start "$T/pg"
	runwake record
	expect_all_recorded
}

server_panics()
{
	! as_owner "create table if not exists filler (a text); insert into filler values ('x'); select pg_switch_wal()" >/dev/null 2>&1
}

t "a server over TCP with TLS and scram" set_up
t "certificates are verified, and each refusal says why" tls_is_verified
t "a server without TLS" no_tls_is_told
t "a service file and a passfile" a_service_is_enough
t "too many connections" too_many_connections_are_told
t "a recorder that stays, and a server that restarts and dies" one_that_follows_outlives_servers
t "the disk of the tables is full" a_full_disk_lets_events_wait
t "the disk of the write-ahead log is full" a_full_log_takes_the_server_along
end_tests
