/* SPDX-License-Identifier: MIT */
/* store/additions: what a team adds to our tables is told; what it refuses waits, and is no event's fault. */
#include "postgres_server.h"

#include "store/additions.h"
#include "store/record.h"

static int append(void *context, const struct wake_addition *addition, struct wake_error *error)
{
	wake_str_appendf(context, "%s: %s; %s\n", addition->is_certain ? "certain" : "possible",
	    addition->problem, addition->mend);
	return wake_str_check(context, error);
}

static void expect_told(struct wake_store *store, const char *change, const char *expected)
{
	wake_auto_str struct wake_str out = WAKE_STR(65536);

	assert_ok(wake_additions_check(store, append, &out, &err));
	if (strcmp(wake_str_text(&out), expected) != 0)
		fail_msg("%s: %s", change, wake_str_text(&out));
}

static int64_t count(const char *database, const char *table)
{
	PGconn *conn = connect_plainly(database);
	char *text;
	PGresult *result;
	int64_t rows;

	assert_true(asprintf(&text, "select count(*) from %s", table) > 0);
	result = ask(conn, text);
	rows = atoll(PQgetvalue(result, 0, 0));
	PQclear(result);
	PQfinish(conn);
	free(text);
	return rows;
}

static int apply_run(struct wake_store *store, const char *name)
{
	wake_auto_events struct wake_events history = { 0 };

	started_in(&history, name, T0, "implement", NULL, NULL);
	ended(&history, name, T0 + 5, "completed", true, hash('1'));
	return wake_record_apply(store, &history, &err);
}

/* Each is refused while the first run is told, named with its mend, and everything lands once it is mended.
 */
static const struct {
	const char *change, *undo, *named, *told;
} cases[] = {
	{ "alter table workflow_runs add column team text not null",
	    "alter table workflow_runs alter column team drop not null",
	    "the column workflow_runs.team is not Runwake's",
	    "certain: the column workflow_runs.team may not be null, has no default, and is not Runwake's: "
	    "events wait until it "
	    "takes them; alter table workflow_runs alter column team drop not null, or give it a default\n" },
	{ "alter table workflow_runs alter column agent_type set not null",
	    "alter table workflow_runs alter column agent_type drop not null",
	    "alter table workflow_runs alter column agent_type drop not null",
	    "possible: the column workflow_runs.agent_type may not be null, and not every event has "
	    "something for it; alter table "
	    "workflow_runs alter column agent_type drop not null\n" },
	{ "alter table workflow_runs add constraint known check (workflow_name = 'review')",
	    "alter table workflow_runs drop constraint known",
	    "the constraint known of workflow_runs is not Runwake's",
	    "possible: the constraint known of workflow_runs is not Runwake's: what it refuses waits; "
	    "nothing, if it takes "
	    "everything; else change or drop it\n" },
	/* As the server names it by itself: like one of ours, of another column. */
	{ "alter table workflow_runs add check (workflow_name = 'review')",
	    "alter table workflow_runs drop constraint workflow_runs_workflow_name_check",
	    "workflow_runs_workflow_name_check",
	    "possible: the constraint workflow_runs_workflow_name_check of workflow_runs is not Runwake's: "
	    "what it refuses waits; "
	    "nothing, if it takes everything; else change or drop it\n" },
	{ "create table teams (name text primary key); alter table workflow_runs add constraint by_team "
	  "foreign key "
	  "(workflow_name) references teams",
	    "alter table workflow_runs drop constraint by_team",
	    "the constraint by_team of workflow_runs is not Runwake's",
	    "possible: the constraint by_team of workflow_runs is not Runwake's: what it refuses waits; "
	    "nothing, if it takes "
	    "everything; else change or drop it\n" },
	{ "create unique index once on workflow_events (host)", "drop index once",
	    "the constraint once of workflow_events",
	    "possible: the unique index once of workflow_events is not Runwake's: what it refuses waits; "
	    "nothing, if it takes "
	    "everything; else change or drop it\n" },
	{ "create function refuse() returns trigger language plpgsql as $$ begin raise 'not on a Saturday'; "
	  "end $$; "
	  "create trigger weekdays before insert on workflow_runs for each row execute function refuse()",
	    "drop trigger weekdays on workflow_runs",
	    "it was raised by PL/pgSQL function refuse() line 1 at RAISE",
	    "possible: the trigger weekdays of workflow_runs is not Runwake's: what it refuses waits; "
	    "nothing, if it takes "
	    "everything; else change or drop it\n" },
	/* It may look like a bad value. */
	{ "create function refuse() returns trigger language plpgsql as $$ begin raise 'no' using errcode = "
	  "'22001'; end $$; "
	  "create trigger strange before update on workflow_runs for each row execute function refuse()",
	    "drop trigger strange on workflow_runs", "refuse() line 1 at RAISE",
	    "possible: the trigger strange of workflow_runs is not Runwake's: what it refuses waits; "
	    "nothing, if it takes "
	    "everything; else change or drop it\n" },
	{ "create function log() returns trigger language plpgsql as $$ begin insert into no_such values "
	  "(1); return new; end $$; "
	  "create trigger audit after insert on workflow_events for each row execute function log()",
	    "drop trigger audit on workflow_events", "log() line 1 at SQL statement",
	    "possible: the trigger audit of workflow_events is not Runwake's: what it refuses waits; "
	    "nothing, if it takes "
	    "everything; else change or drop it\n" },
	{ "create domain word as varchar(100) check (value = 'review'); alter table workflow_runs alter "
	  "column workflow_name "
	  "type word",
	    "alter table workflow_runs alter column workflow_name type varchar(100)",
	    "the type word is not Runwake's", "" },
};

static void what_is_refused_waits_and_lands_once(void **state)
{
	(void)state;
	needs_server();
	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		char *name;
		struct wake_store *store;

		name = new_database();
		store = open_migrated(name);
		tell(name, cases[i].change);
		expect_told(store, cases[i].change, cases[i].told);
		if (apply_run(store, "run-1") != WAKE_REFUSED || !strstr(err.text, cases[i].named))
			fail_msg("%s: %s", cases[i].change, err.text);
		assert_int_equal(count(name, "workflow_events"), 0);
		tell(name, cases[i].undo);
		assert_ok(apply_run(store, "run-1"));
		assert_ok(apply_run(store, "run-1"));
		assert_int_equal(count(name, "workflow_events"), 2);
		assert_int_equal(count(name, "workflow_runs where status = 'completed'"), 1);
		wake_store_close(store);
		free(name);
	}
}

static void what_takes_everything_is_no_problem(void **state)
{
	static const char *const changes[] = {
		"alter table workflow_runs add column team text not null default 'ours'",
		"alter table workflow_runs add column number bigint not null generated always as identity "
		"unique",
		"alter table workflow_runs add column size integer not null generated always as "
		"(length(run_id)) stored",
		"alter table workflow_runs add column budget integer default 7 check (budget < 100)",
		"create index by_host on workflow_runs (host)",
		"create table notes (run_id text references workflow_runs (run_id), text text not null)",
		"create table workflow_notes (text text not null check (text <> ''))",
	};
	char *name;
	struct wake_store *store;

	(void)state;
	needs_server();
	name = new_database();
	store = open_database(name);
	expect_told(store, "before the first migration", "");
	wake_store_close(store);
	store = open_migrated(name);
	expect_told(store, "nothing", "");
	for (size_t i = 0; i < WAKE_COUNT(changes); i++) {
		tell(name, changes[i]);
		expect_told(store, changes[i], "");
	}
	assert_ok(apply_run(store, "run-1"));
	wake_store_close(store);
	free(name);
}

/* A rule of ours that is broken is the event's own fault, whatever others there are. */
static void a_bad_value_of_ours_is_still_bad(void **state)
{
	const struct wake_value gap[] = { WAKE_TEXT(TREE_A), WAKE_NULL_VALUE(), WAKE_NULL_VALUE(),
		WAKE_NULL_VALUE(), WAKE_NULL_VALUE(), WAKE_TIME(T0) };
	const struct wake_value text[] = { WAKE_TEXT("no uuid"), WAKE_NULL_VALUE(), WAKE_NULL_VALUE(),
		WAKE_TEXT("why"), WAKE_NULL_VALUE(), WAKE_TIME(T0) };
	char *name;
	struct wake_store *store;
	int64_t changed;

	(void)state;
	needs_server();
	name = new_database();
	store = open_migrated(name);
	tell(name, "alter table workflow_gaps add column team text not null");
	for (size_t i = 0; i < 2; i++) {
		assert_ok(wake_store_begin(store, &err));
		assert_int_equal(
		    wake_store_run(store, WAKE_SQL_FOLD_GAP, i ? text : gap, WAKE_COUNT(gap), &changed, &err),
		    WAKE_INVALID);
		wake_store_rollback(store);
	}
	wake_store_close(store);
	free(name);
}

static void row_level_security_is_told(void **state)
{
	char *name, *url;
	struct wake_store *store;

	(void)state;
	needs_server();
	name = new_database();
	wake_store_close(open_migrated(name));
	tell(name, "create role bob login; grant all on all tables in schema public to bob; "
	           "alter table workflow_runs enable row level security");
	assert_true(asprintf(&url, "postgresql:///%s?host=%s&user=bob", name, cluster) > 0);
	assert_ok(wake_store_open(url, &store, &err));
	expect_told(store, "rls",
	    "possible: row-level security of workflow_runs holds for the role bob, which may miss rows or be "
	    "refused them; let "
	    "the role see and write every row: a policy using (true) for it, or the attribute bypassrls\n");
	assert_int_equal(apply_run(store, "run-1"), WAKE_REFUSED);
	if (!strstr(err.text, "row-level security policy for table \"workflow_runs\"") ||
	    !strstr(err.text, "policy"))
		fail_msg("%s", err.text);
	tell(name, "create policy everything on workflow_runs to bob using (true) with check (true)");
	assert_ok(apply_run(store, "run-1"));
	wake_store_close(store);
	free(url);
	free(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_refused_waits_and_lands_once),
		cmocka_unit_test(what_takes_everything_is_no_problem),
		cmocka_unit_test(a_bad_value_of_ours_is_still_bad),
		cmocka_unit_test(row_level_security_is_told),
	};

	return cmocka_run_group_tests(tests, start_cluster, stop_cluster);
}
