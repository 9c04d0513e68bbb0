#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Beside the sessions, messages and users of another system, in each shape that is known of them: they are used as they
# are, nothing of theirs is altered, and where they refuse something, events wait. The server is this script's own.
# shellcheck source=tests/e2e/harness.sh disable=SC2164 # t runs all under set -e
. "$(dirname "$0")/harness.sh"

start_postgres || { echo "1..0 # SKIP no PostgreSQL server is installed"; exit 0; }
REPO=$T/project
OLDER=bbbbbbbb-0000-4000-8000-000000000001 NEWER=bbbbbbbb-0000-4000-8000-000000000002 LATER=bbbbbbbb-0000-4000-8000-000000000004
ANN=aaaaaaaa-0000-4000-8000-000000000001	# of those with her e-mail the first

# A database with the tables that tests/beside/SHAPE.sql makes, and a state directory that belongs to it.
use_shape() # DATABASE SHAPE
{
	DATABASE=$1
	export XDG_STATE_HOME=$T/state-$DATABASE
	STATE=$XDG_STATE_HOME/runwake
	if ! sql "select 1" >/dev/null 2>&1; then
		postgres "create database $DATABASE"
		psql -Xqh "$T/pg" -U postgres -v ON_ERROR_STOP=1 -f "$ROOT/tests/beside/$2.sql" "$DATABASE"
		runwake db use "postgresql:///$DATABASE?host=$T/pg&user=postgres" >/dev/null
	fi
}

sql() # SQL; bars between columns
{
	psql -XAtq -F '|' -v ON_ERROR_STOP=1 -h "$T/pg" -U postgres -c "set timezone = 'UTC'" -c "$1" "$DATABASE"
}

# The tables as they were made, without what is ours.
shape() # FILE
{
	pg_dump -s -h "$T/pg" -U postgres -T 'workflow_*' -T runwake_migrations "$DATABASE" |
	    grep -vE '^(--|\\(un)?restrict|$)' >"$1"
}

# What a run may not touch: everything but how far a session was moved on.
rows() # FILE
{
	sql "select to_jsonb(s) - 'updated_at' - 'run_finished_at' - 'message_count' from sessions s
	    where platform is distinct from 'runwake' order by id" >"$1"
	sql "select to_jsonb(m) from messages m where id in (select id from theirs) order by id" >>"$1"
	sql "select to_jsonb(u) from users u order by id" >>"$1"
	sql "select to_jsonb(a) from agents a order by id" >>"$1"
}

no_store_is_broken()
{
	runwake doctor >"$T/doctor" || :
	! grep '^broken *store' "$T/doctor"
}

it_is_migrated_and_not_altered() # SHAPE
{
	use_shape "$1" "$1"
	shape "$T/before"
	no_store_is_broken
	runwake db migrate >/dev/null
	shape "$T/after"
	diff "$T/before" "$T/after" >"$T/changes" || :
	# Two indexes come with it: neither changes a column.
	expect_eq "what was altered" "$(grep -c '^[<>]' "$T/changes")" 2
	expect_eq "what was added" "$(grep -oE '^> CREATE INDEX [a-z_]+ ON public\.(sessions|messages) ' "$T/changes" | wc -l)" 2
	sql "create table theirs as select id from messages"
	no_store_is_broken
}

a_run_joins_the_conversation_of_a_name() # SHAPE
{
	local run
	use_shape "$1" "$1"
	rows "$T/rows-$1"
	runwake install "$REPO" >/dev/null
	cd "$REPO"
	run=$(runwake start --workflow implement --task "What a team asks for" --session sprint)
	commit_file "$REPO" "file-$1" "one" "The run's commit"
	runwake finish "$run" --status completed --result "Done"
	runwake record
	expect_eq "the run" "$(sql "select session_id, user_id, status, own_added_lines from workflow_runs where run_id = '$run'")" \
	    "$NEWER|$ANN|completed|1"
	expect_eq "its messages" "$(sql "select role, message_type, text_content, user_id is null from messages
	    where session_id = '$NEWER' and id not in (select id from theirs) order by created_at")" \
	    "user|workflow_start|What a team asks for|t
assistant|workflow_result|Done|t"
	expect_eq "moved on" "$(sql "select updated_at > now() - interval '1 hour', run_finished_at = (select completed_at
	    from workflow_runs where run_id = '$run') from sessions where id = '$NEWER'")" "t|t"
	rows "$T/rows"
	expect_same "what was there" "$T/rows" "$T/rows-$1"
	printf '%s\n' "$run" >"$T/run-$1"
	expect_json list "$(runwake list --json --session "$NEWER")" '.runs[0].run_id' "$run"
}

a_run_joins_one_by_id_and_moves_none_back() # SHAPE
{
	local run
	use_shape "$1" "$1"
	cd "$REPO"
	run=$(runwake start --workflow fix --task "By its id" --session-id "$LATER")
	runwake finish "$run" --status failed --error "No luck"
	runwake record
	expect_eq "the run" "$(sql "select session_id from workflow_runs where run_id = '$run'")" "$LATER"
	expect_eq "its name" "$(sql "select name from sessions where id = '$LATER'")" later
	[ "$1" = fresh ] ||	# there a trigger says when it was updated
		expect_eq "when it was updated" "$(sql "select updated_at, run_finished_at from sessions where id = '$LATER'")" \
		    "2999-01-01 00:00:00+00|2999-01-01 00:00:00+00"
	expect_eq "an older one of the name" "$(sql "select updated_at from sessions where id = '$OLDER'")" "2025-06-02 10:00:00+00"
	rows "$T/rows"
	expect_same "what was there" "$T/rows" "$T/rows-$1"
}

a_new_conversation_is_made_by_their_rules() # SHAPE
{
	local run
	use_shape "$1" "$1"
	cd "$REPO"
	run=$(runwake start --workflow review --task "Something new" --session "never heard")
	runwake finish "$run" --status completed
	runwake record
	expect_eq "the session" "$(sql "select name, platform, metadata, agent_id is null, user_id is null from sessions s
	    where id = (select session_id from workflow_runs where run_id = '$run')")" "never heard|runwake|{}|t|t"
	[ "$1" = upgraded ] || expect_eq "its agent and its messages" \
	    "$(sql "select agent_name, message_count from sessions where name = 'never heard'")" "review|1"
	[ "$1" = upgraded ] || expect_eq "counts" "$(sql "select count(*) from sessions s where message_count <>
	    (select count(*) from messages m where m.session_id = s.id)")" 0
	[ "$1" = fresh ] || expect_eq "their default" "$(sql "select usage from messages where session_id =
	    (select session_id from workflow_runs where run_id = '$run')")" "{}"
	expect_eq "users" "$(sql "select count(*) from users where email like '%runwake%'")" 0
}

# What they delete of theirs is theirs to delete; the run stays, and goes on.
what_they_delete_is_gone() # SHAPE
{
	local run later
	use_shape "$1" "$1"
	sql "insert into users (id, email) values ('aaaaaaaa-0000-4000-8000-00000000000a', 'zoe@example.org');
	    insert into sessions (id, name, platform) values ('bbbbbbbb-0000-4000-8000-00000000000a', 'doomed', 'api')"
	cd "$REPO"
	git config user.email zoe@example.org
	run=$(runwake start --workflow implement --task "Of a session that goes" --session doomed)
	git config --unset user.email
	runwake record
	expect_eq "before" "$(sql "select session_id, user_id from workflow_runs where run_id = '$run'")" \
	    "bbbbbbbb-0000-4000-8000-00000000000a|aaaaaaaa-0000-4000-8000-00000000000a"
	expect_match "the conversation" "$(runwake chat)" doomed
	sql "delete from messages where session_id = 'bbbbbbbb-0000-4000-8000-00000000000a'"
	sql "delete from sessions where name = 'doomed'"
	sql "delete from users where email = 'zoe@example.org'"
	commit_file "$REPO" "doomed-$1" "one" "After it went"
	runwake finish "$run" --status completed --result "Done"
	runwake record
	expect_eq "the run" "$(sql "select session_id is null, user_id is null, status, own_added_lines, session_name from workflow_runs
	    where run_id = '$run'")" "t|t|completed|1|doomed"
	expect_eq "its messages" "$(sql "select count(*) from messages where text_content like 'Of a session that goes%'")" 0
	! runwake chat | grep doomed || fail "the conversation is listed"
	later=$(runwake start --workflow implement --task "Another of the name" --session doomed)
	runwake finish "$later" --status completed
	runwake record
	expect_eq "made anew" "$(sql "select s.name, s.platform from workflow_runs r join sessions s on s.id = r.session_id
	    where r.run_id = '$later'")" "doomed|runwake"
	expect_eq "what is set aside" "$(runwake db status --json | jq .quarantined)" 0
	wait_until 60 no_recorder_is_left
	runwake db copy "postgresql:///$1?host=$T/pg&user=postgres" "sqlite:$T/$1.db" >"$T/copied" || fail "$(grep -v ' equal$' "$T/copied")"
}

# A trigger of theirs changes what was written; that leads to no further writing.
nothing_new_writes_nothing() # SHAPE
{
	use_shape "$1" "$1"
	wait_until 60 no_recorder_is_left
	sql "select to_jsonb(s) from sessions s order by id" >"$T/one"
	sql "select to_jsonb(m) from messages m order by id" >>"$T/one"
	runwake record
	runwake verify "$REPO"
	runwake record
	sql "select to_jsonb(s) from sessions s order by id" >"$T/two"
	sql "select to_jsonb(m) from messages m order by id" >>"$T/two"
	expect_same "sessions and messages" "$T/two" "$T/one"
	expect_eq "waiting" "$(runwake db status --json | jq '.waiting_bytes + .quarantined')" 0
}

what_may_not_be_null_keeps_events_waiting()
{
	local run
	use_shape numbered numbered
	shape "$T/before"
	expect_exit 1 runwake doctor
	expect_match "before it is migrated" "$(cat "$T/out")" "sessions.user_id may not be null.*alter table sessions alter column user_id"
	runwake db migrate >/dev/null
	shape "$T/after"
	expect_eq "what was altered" "$(diff "$T/before" "$T/after" | grep '^[<>]' | grep -vcE 'CREATE INDEX')" 0
	cd "$REPO"
	run=$(runwake start --workflow implement --task "Said by nobody" --session sprint)
	commit_file "$REPO" waiting "one" "While it waits"
	runwake finish "$run" --status completed
	wait_until 60 no_recorder_is_left
	expect_exit 6 runwake record
	expect_match "why it waits" "$(cat "$T/err")" "user_id.*the surrounding system's"
	expect_json "what waits" "$(runwake db status --json)" '.waiting_bytes > 0 and .quarantined == 0' true
	expect_exit 1 runwake doctor
	expect_match "the mend" "$(cat "$T/out")" "messages.user_id may not be null.*alter table messages alter column user_id drop not null"
	sql "alter table messages alter column user_id drop not null; alter table sessions alter column user_id drop not null"
	runwake record
	expect_eq "the run" "$(sql "select session_id, user_id is null, own_added_lines from workflow_runs where run_id = '$run'")" \
	    "$NEWER|t|1"
	expect_eq "users" "$(sql "select string_agg(id || ' ' || email, ', ' order by id) from users")" \
	    "1 admin@automagik, 2 ann@example.org"
	no_store_is_broken
}

# No catalogue tells it: doctor finds it by trying.
what_a_check_refuses_keeps_events_waiting()
{
	local run before
	use_shape fresh fresh
	sql "alter table messages add constraint known_types check (message_type <> 'workflow_start') not valid"
	before=$(sql "select count(*) from messages")
	cd "$REPO"
	run=$(runwake start --workflow implement --task "Against a check" --session sprint)
	wait_until 60 no_recorder_is_left
	expect_exit 6 runwake list
	expect_match "list" "$(cat "$T/err")" "known_types"
	expect_exit 1 runwake doctor
	expect_match "doctor" "$(cat "$T/out")" "known_types"
	expect_eq "what trying left" "$(sql "select count(*) from messages")" "$before"
	sql "alter table messages drop constraint known_types"
	runwake finish "$run" --status completed
	expect_json "list" "$(runwake list --json)" '.runs[0] | [.run_id, .status] | join(" ")' "$run completed"
	expect_eq "set aside" "$(runwake db status --json | jq .quarantined)" 0
}

# A role that was given the run's tables and not the others.
what_is_not_allowed_keeps_events_waiting()
{
	use_shape roles upgraded
	runwake db migrate >/dev/null
	sql "create role recorder login; grant select, insert, update, delete on all tables in schema public to recorder;
	    revoke insert on messages from recorder"
	export XDG_STATE_HOME=$T/state-recorder
	runwake db use "postgresql:///roles?host=$T/pg&user=recorder" >/dev/null
	cd "$REPO"
	runwake start --workflow implement --task "Without the right" --session sprint >"$T/run"
	wait_until 60 no_recorder_is_left
	expect_exit 6 runwake record
	expect_match "why it waits" "$(cat "$T/err")" "lacks insert on messages"
	expect_exit 1 runwake doctor
	expect_match "the mend" "$(cat "$T/out")" 'grant insert on messages to "recorder"'
	sql "grant insert on messages to recorder"
	runwake finish "$(cat "$T/run")" --status completed
	runwake record
	expect_eq "the run" "$(sql "select status from workflow_runs where run_id = '$(cat "$T/run")'")" completed
}

new_repo "$REPO"
for name in upgraded fresh; do
	t "$name: migrated beside it, and not altered" it_is_migrated_and_not_altered $name
	t "$name: a run joins the conversation of its name" a_run_joins_the_conversation_of_a_name $name
	t "$name: a run joins one by its id, and moves none back" a_run_joins_one_by_id_and_moves_none_back $name
	t "$name: a new conversation" a_new_conversation_is_made_by_their_rules $name
	t "$name: what they delete is gone, and the run stays" what_they_delete_is_gone $name
	t "$name: nothing new, nothing written" nothing_new_writes_nothing $name
done
t "users by number, and what may not be null" what_may_not_be_null_keeps_events_waiting
t "what only a CHECK knows" what_a_check_refuses_keeps_events_waiting
t "rights that lack" what_is_not_allowed_keeps_events_waiting
end_tests
