#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A team's database comes back from a backup that is older than what it was told since, on its own server and on another
# one; and what machines told there and nobody folded yet does not keep a record from moving.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"

start_postgres || { echo "1..0 # SKIP no PostgreSQL server is installed"; exit 0; }

url_of() # ROLE [DATABASE]
{
	echo "postgresql:///${2:-runwake}?host=$T/pg&user=$1"
}

# The settings of whoever is meant; the state directories are apart.
be() # NAME
{
	export XDG_STATE_HOME=$T/$1/state XDG_CONFIG_HOME=$T/$1/config
	STATE=$XDG_STATE_HOME/runwake
	mkdir -p "$XDG_STATE_HOME" "$XDG_CONFIG_HOME"
}

server_can_be_dumped()
{
	local ours
	ours=$(pg_dump --version | grep -oE '[0-9]+' | head -n 1)
	[ "$ours" -ge "$(postgres "select current_setting('server_version_num')::int / 10000")" ]
}

work() # REPOSITORY WORD; a run that commits and pushes, and a commit of nobody's run
{
	(
		cd "$T/$1"
		runwake run --workflow implement --task "$2" -- \
			sh -c "echo $2 >$2 && git add $2 && git commit -q -m 'Add $2' && git push -q origin main"
		git commit -q --allow-empty -m "After $2"
	)
}

new_machine() # NAME
{
	be "$1"
	write_settings "	host = $1" "${@:2}"
	git init -q --bare "$T/$1.git"
	wired_repo "$T/$1-repo"
	git -C "$T/$1-repo" remote add origin "$T/$1.git"
}

a_team_at_work()
{
	be owner
	runwake db use "$POSTGRES_URL" >/dev/null
	runwake db migrate >/dev/null
	runwake db migrate --optional roles >/dev/null
	runwake db migrate --optional partitions >/dev/null
	postgres "create role laptop login in role runwake_machine"
	new_machine desktop
	runwake db use "$POSTGRES_URL" >/dev/null
	work desktop-repo before
	new_machine laptop "	feed = $(url_of laptop)"
	work laptop-repo before
	is_fed
	be owner
	runwake db fold >/dev/null
	expect_eq "runs" "$(postgres "select string_agg(host, ' ' order by host) from workflow_runs")" "desktop laptop"
}

# What the database holds of a machine, but when it took it.
told_by() # HOST
{
	postgres "select id, type, at, payload from workflow_events where host = '$1' order by id"
}

movements()
{
	postgres "select new_hash, ref from workflow_ref_movements order by 1, 2"
	postgres "select new_hash, verdict, branch from workflow_movements order by 1, 2, 3"
}

restored_from_an_older_dump()
{
	local PGHOST=$T/pg PGUSER=postgres
	export PGHOST PGUSER
	needs pg_dump
	server_can_be_dumped || skip "pg_dump is older than the server"
	pg_dump --format=custom --file="$T/team.dump" runwake
	be desktop
	work desktop-repo after
	runwake record
	be laptop
	work laptop-repo after
	is_fed
	be owner
	runwake db fold >/dev/null
	told_by laptop >"$T/laptop.before"
	movements >"$T/movements.before"
	dropdb --force runwake
	createdb runwake
	pg_restore --dbname=runwake "$T/team.dump"
	be desktop
	runwake verify --repair "$T/desktop-repo" >/dev/null
	be laptop
	# Its own record is whole, so nothing is to be repaired there; the database is to be told.
	runwake verify "$T/laptop-repo" >/dev/null
	expect_match "told" "$(runwake db feed --all)" "^[0-9]+ events fed$"
	be owner
	runwake db fold >/dev/null
	told_by laptop >"$T/laptop.after"
	expect_same "what the laptop told" "$T/laptop.after" "$T/laptop.before"
	movements >"$T/movements.after"
	expect_same "movements" "$T/movements.after" "$T/movements.before"
	# What git does not know of came back from the machine that has a record of its own alone.
	expect_eq "runs" "$(postgres "select host || ' ' || task_input from workflow_runs order by 1" | paste -sd ,)" \
	    "desktop before,laptop after,laptop before"
	be laptop
	work laptop-repo later
	is_fed
}

# Roles are the server's: a dump has none.
restored_on_another_server()
{
	local PGHOST=$T/pg2 PGUSER=postgres url="postgresql:///team?host=$T/pg2&user=postgres"
	export PGHOST PGUSER
	[ -e "$T/team.dump" ] || skip "there is no dump"
	"$ROOT/tests/postgres_cluster.sh" make "$T/pg2"
	createdb team
	pg_restore --no-owner --no-privileges --dbname=team "$T/team.dump"
	be elsewhere
	runwake db use "$url" >/dev/null
	runwake db migrate --optional roles >/dev/null
	psql -Xq -c "create role laptop login in role runwake_machine" team
	be laptop
	write_settings "	host = laptop" "	feed = postgresql:///team?host=$T/pg2&user=laptop"
	is_fed
	expect_eq "events" "$(psql -XAtqc "select count(*) from workflow_events where host = 'laptop'" team)" \
	    "$(in_store_now "select count(*) from workflow_events where type <> 'edited'")"
	! psql -XAtq -U laptop -c "select 1 from workflow_events" team 2>"$T/err" || fail "a machine may read"
	expect_match "refusal" "$(cat "$T/err")" "permission denied"
	"$ROOT/tests/postgres_cluster.sh" stop "$T/pg2"
	write_settings "	host = laptop" "	feed = $(url_of laptop)"
	is_fed
}

a_wrong_name_is_told()
{
	be laptop
	write_settings "	host = tablet" "	feed = $(url_of laptop)"
	git -C "$T/laptop-repo" commit -q --allow-empty -m "By another name"
	wait_until 60 no_recorder_is_left
	expect_exit 6 runwake db feed
	expect_match "why" "$(cat "$T/err")" "'laptop' alone.*called 'tablet'; set runwake.host"
	expect_match "status" "$(runwake db status)" "set runwake.host"
	write_settings "	host = laptop" "	feed = $(url_of laptop)"
	runwake db feed >/dev/null
	is_fed
}

# Rows that only the ledger tells of are in the tables of neither store yet.
unfolded_events_keep_no_record_from_moving()
{
	local waiting="select count(*) > 0 from workflow_events where folded_at is null"
	be laptop
	work laptop-repo unfolded
	is_fed
	expect_eq "something waits" "$(postgres "$waiting")" t
	be elsewhere
	runwake db copy "$POSTGRES_URL" "sqlite:$T/whole.db" >"$T/out"
	expect_match "outcome" "$(cat "$T/out")" "both hold the same"
	be laptop
	work laptop-repo again
	is_fed
	expect_eq "something waits" "$(postgres "$waiting")" t
	write_settings "	host = laptop"
	runwake db copy --use "$POSTGRES_URL" >"$T/out"
	expect_match "outcome" "$(cat "$T/out")" "the store is now"
}

t "a team at work" a_team_at_work
t "restored from a dump that is older than what came since" restored_from_an_older_dump
t "restored on a server that has no roles" restored_on_another_server
t "a machine by another name than its role's is told so" a_wrong_name_is_told
t "what nobody folded yet keeps no record from moving" unfolded_events_keep_no_record_from_moving
end_tests
