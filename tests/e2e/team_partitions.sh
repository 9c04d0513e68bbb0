#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The ledger in partitions by month: nothing is refused, whatever its time; an event is there once; rights stay; and what
# looks for one event looks into one month. The server is this script's own.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"

start_postgres || { echo "1..0 # SKIP no PostgreSQL server is installed"; exit 0; }
REPO=$T/project

partition() # runs the script once more
{
	runwake db migrate --optional partitions
}

partitions()
{
	postgres "select count(*) from pg_inherits where inhparent = 'workflow_events'::regclass"
}

where_is() # ID
{
	postgres "select tableoid::regclass from workflow_events where id = '$1'"
}

id_of() # DATE [LAST DIGIT]; a version 8 of that time
{
	local hex
	printf -v hex '%012x' "$(date -ud "$1" +%s)000"
	printf '%s-%s-8000-8000-00000000000%s\n' "${hex:0:8}" "${hex:8:4}" "${2:-0}"
}

insert() # ID [HOST]
{
	psql -XAtq -v ON_ERROR_STOP=1 -h "$T/pg" -U "${2:-postgres}" -c "insert into workflow_events (id, type, version, at, host, payload, recorded_at)
		values ('$1', 'gap', 1, now(), '${2:-postgres}', '{\"repository_id\":\"11111111-1111-8111-8111-111111111111\",\"reason\":\"$1\"}', now())
		on conflict do nothing" runwake
}

commit_at() # DATE SUBJECT
{
	local date
	date="$(date -ud "$1" +%s) +0000"
	GIT_AUTHOR_DATE=$date GIT_COMMITTER_DATE=$date git -C "$REPO" commit -q --allow-empty -m "$2"
}

movements()
{
	postgres "select count(*), count(*) filter (where examined), count(*) filter (where verdict = 'made') from workflow_movements"
}

a_ledger_in_use_is_parted()
{
	local before
	runwake db use "$POSTGRES_URL" >/dev/null
	runwake db migrate >/dev/null
	runwake db migrate --optional roles >/dev/null
	postgres "create role laptop login in role runwake_machine"
	postgres "create role colleague login"
	postgres "grant select, insert on workflow_events to colleague with grant option"
	wired_repo "$REPO"
	commit_at "2001-02-03T04:05:06Z" "long ago"
	commit_at "now" "now"
	commit_at "2098-07-06T05:04:03Z" "in a far future"
	commit_at "$(date -ud '+3 months' +%Y-%m-%dT12:00:00Z)" "soon"
	wait_until 60 no_recorder_is_left
	runwake record
	before=$(postgres "select md5(string_agg(cast(e as text), ';' order by id)) from workflow_events e")
	expect_eq "status before" "$(runwake db status --json | jq .partitions_until)" null
	partition
	expect_eq "the ledger" "$(postgres "select md5(string_agg(cast(e as text), ';' order by id)) from workflow_events e")" "$before"
	expect_eq "partitions: before, twelve months, default, beyond" "$(partitions)" 15
	expect_json "status" "$(runwake db status --json)" '[.partitions_until[:10], .partitions_overdue] | join(" ")' \
	    "$(date -ud "$(date -u +%Y-%m-01) +13 months" +%Y-%m-%d) false"
	partition
	expect_eq "partitions after another time" "$(partitions)" 15
}

rights_stay()
{
	expect_eq "a person's rights" "$(postgres "select has_table_privilege('colleague', 'workflow_events', 'select with grant option'),
		has_table_privilege('colleague', 'workflow_events', 'insert'), has_table_privilege('colleague', 'workflow_events', 'delete')")" "t|t|f"
	insert "$(id_of now 1)" laptop
	! psql -Xqh "$T/pg" -U laptop -c "insert into workflow_events (id, type, version, at, host, recorded_at)
		values ('$(id_of now 3)', 'gap', 1, now(), 'desktop', now())" runwake 2>"$T/err"
	expect_match "another's name" "$(cat "$T/err")" "row-level security"
	! psql -Xqh "$T/pg" -U laptop -c "select 1 from workflow_events" runwake 2>"$T/err"
	expect_match "reading" "$(cat "$T/err")" "permission denied"
	expect_eq "sees" "$(psql -XAtqh "$T/pg" -U colleague -c "select count(*) > 3 from workflow_events" runwake)" t
	runwake record
	expect_eq "folded" "$(postgres "select count(*) from workflow_events where folded_at is null")" 0
	runwake db migrate --optional roles >/dev/null
}

nothing_is_refused_and_nothing_is_there_twice()
{
	local id month
	month=$(date -ud "$(date -u +%Y-%m-01) +2 months" +%Y-%m-15)
	for id in 00000000-0000-0000-0000-000000000000 ffffffff-ffff-ffff-ffff-ffffffffffff 8ed7bec6-31d7-522a-bb45-edcc9ee6e4e4 \
	    "$(id_of 1970-01-01)" "$(id_of 2001-01-01)" "$(id_of "$month")" "$(id_of 2050-01-01)" "$(id_of 2100-01-01)" "$(id_of 9999-12-31)"; do
		insert "$id"
		insert "$id"
		expect_eq "$id" "$(postgres "select count(*) from workflow_events where id = '$id'")" 1
	done
	expect_eq "dated back" "$(where_is "$(id_of 2001-01-01)")" workflow_events_before
	expect_eq "in its month" "$(where_is "$(id_of "$month")")" "workflow_events_$(date -ud "$month" +%Y%m)"
	# To the millisecond.
	printf -v id '%012x' "$(($(date -ud "${month%-15}-01" +%s) * 1000))"
	insert "${id:0:8}-${id:8}-8000-8000-000000000000"
	expect_eq "the month's first" "$(where_is "${id:0:8}-${id:8}-8000-8000-000000000000")" "workflow_events_$(date -ud "$month" +%Y%m)"
	printf -v id '%012x' "$((0x$id - 1))"
	insert "${id:0:8}-${id:8}-ffff-ffff-ffffffffffff"
	expect_eq "the last before it" "$(where_is "${id:0:8}-${id:8}-ffff-ffff-ffffffffffff")" \
	    "workflow_events_$(date -ud "${month%-15}-01 -1 day" +%Y%m)"
	expect_eq "later" "$(where_is "$(id_of 2050-01-01)")" workflow_events_default
	expect_eq "no time at all" "$(where_is 8ed7bec6-31d7-522a-bb45-edcc9ee6e4e4)" workflow_events_beyond
	runwake record
	expect_eq "folded" "$(postgres "select count(*) from workflow_events where folded_at is null")" 0
	# No month is due for what is dated so far ahead.
	expect_json "status" "$(runwake db status --json)" .partitions_overdue false
}

recording_goes_on()
{
	commit_at "2001-02-03T04:05:07Z" "dated back"
	commit_at "now" "now again"
	wait_until 60 no_recorder_is_left
	runwake record
	expect_eq "movements" "$(movements)" "6|6|6"
	rm -r "$STATE/spool/cursors"
	runwake record --all
	expect_eq "read again" "$(movements)" "6|6|6"
}

# As if a year had passed in which nobody made any: what came meanwhile lies in the default.
months_that_were_not_made_in_time()
{
	local month table id
	for month in 5 6 7 8 9 10 11 12; do
		table=workflow_events_$(date -ud "$(date -u +%Y-%m-01) +$month months" +%Y%m)
		postgres "drop table $table"
	done
	id=$(id_of "$(date -ud "$(date -u +%Y-%m-01) +6 months" +%Y-%m-10)")
	insert "$id"
	expect_eq "meanwhile" "$(where_is "$id")" workflow_events_default
	expect_json "status" "$(runwake db status --json)" .partitions_overdue true
	runwake doctor >"$T/out" || :
	expect_match doctor "$(cat "$T/out")" "broken +ledger +postgresql://[^ ]*: no more months are ready"
	partition
	expect_eq "afterwards" "$(where_is "$id")" "workflow_events_$(date -ud "$(date -u +%Y-%m-01) +6 months" +%Y%m)"
	expect_eq "partitions" "$(partitions)" 15
	expect_json "status" "$(runwake db status --json)" .partitions_overdue false
}

# Whoever took the default away: that an event has nowhere to go is not its fault.
an_event_without_a_partition_waits()
{
	postgres "alter table workflow_events detach partition workflow_events_default"
	commit_at "2060-07-06T05:04:03Z" "in no partition"
	wait_until 60 no_recorder_is_left
	expect_exit 6 runwake record
	expect_match "what it says" "$(cat "$T/err")" "no partition of relation.*add one"
	expect_json "status" "$(runwake db status --json)" '[.quarantined, .waiting_bytes > 0] | map(tostring) | join(" ")' "0 true"
	postgres "alter table workflow_events attach partition workflow_events_default default"
	runwake record
	expect_eq "movements" "$(movements)" "7|7|7"
	expect_json "set aside" "$(runwake db status --json)" '[.quarantined, .waiting_bytes] | @csv' 0,0
}

one_event_is_looked_for_in_one_month()
{
	local plan
	plan=$(postgres "explain (costs off) select payload from workflow_events where id = '$(id_of now 1)'")
	expect_eq "partitions in the plan" "$(grep -o 'workflow_events_[a-z0-9]*' <<<"$plan" | grep -v pkey | sort -u | wc -l)" 1
	# As the recorder asks: by a join, so that it is pruned while it runs.
	plan=$(postgres "set enable_hashjoin = off; set enable_mergejoin = off; explain (analyze, costs off, timing off, summary off)
		select m.id, e.payload from workflow_movements m join workflow_events e on e.id = m.id where not m.examined")
	[ "$(grep -c 'never executed' <<<"$plan")" -ge 13 ] || fail "$plan"
}

t "a ledger in use is parted" a_ledger_in_use_is_parted
t "rights stay what they were" rights_stay
t "nothing is refused, nothing is there twice" nothing_is_refused_and_nothing_is_there_twice
t "recording goes on" recording_goes_on
t "months that were not made in time" months_that_were_not_made_in_time
t "an event without a partition waits for one" an_event_without_a_partition_waits
t "one event is looked for in one month" one_event_is_looked_for_in_one_month
end_tests
