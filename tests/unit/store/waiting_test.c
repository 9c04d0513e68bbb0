/* SPDX-License-Identifier: MIT */
/* store/waiting: what others left in the ledger to be folded, good and bad. */
#include "fold_history.h"

#include "postgres_server.h"

#include "base/clock.h"
#include "store/record.h"
#include "store/waiting.h"

#define REPO_JSON "{\"repository_id\":\"" REPO "\",\"reason\":\"%s\"}"

static int64_t number(const char *database, const char *query)
{
	PGconn *conn = connect_plainly(database);
	PGresult *result = ask(conn, query);
	int64_t value = strtoll(PQgetvalue(result, 0, 0), NULL, 10);

	PQclear(result);
	PQfinish(conn);
	return value;
}

static void fold_all(struct wake_store *store, size_t *ret_folded)
{
	bool more = true;
	size_t total = 0;

	while (more) {
		size_t folded = 0;

		assert_ok(wake_waiting_fold(store, &folded, &more, &err));
		total += folded;
	}
	*ret_folded = total;
}

static void gap(const char *database, const char *id, const char *reason)
{
	char *text;

	assert_true(asprintf(&text,
	                "insert into workflow_events (id, type, version, at, host, payload, recorded_at) values "
	                "('%s', 'gap', 1, now(), 'h', '" REPO_JSON "', now())",
	                id, reason) > 0);
	tell(database, text);
	free(text);
}

static void a_file_has_none(void **state)
{
	wake_auto_store struct wake_store *store = NULL;
	struct wake_waiting waiting = { .events = 1 };
	char *path = scratch_path(state, "store.db"), *url;
	size_t folded = 1, applied;
	bool more = true;

	assert_true(asprintf(&url, "sqlite:%s", path) > 0);
	assert_ok(wake_store_open(url, &store, &err));
	assert_ok(wake_migrate(store, &applied, &err));
	assert_ok(wake_waiting_fold(store, &folded, &more, &err));
	assert_int_equal(folded, 0);
	assert_false(more);
	assert_ok(wake_waiting_again(store, false, &err));
	assert_ok(wake_waiting_count(store, &waiting, &err));
	assert_int_equal(waiting.events, 0);
	free(url);
	free(path);
}

/* Recorded by one with all rights; the same ledger unfolded beside it, and folded. */
static void folding_makes_what_recording_makes(void **state)
{
	static const char sums[] =
	    "select md5((select string_agg(cast(to_jsonb(m) as text), ';' order by m.id) from workflow_movements m) || "
	    "(select string_agg(cast(to_jsonb(r) - 'updated_at' as text), ';' order by r.id) from workflow_runs r) || "
	    "(select string_agg(cast(to_jsonb(d) as text), ';' order by d.day) from workflow_days d))";
	wake_auto_events struct wake_events history = { 0 };
	char *whole = NULL;
	struct wake_store *store;
	PGresult *before, *after;
	PGconn *conn;
	size_t folded;

	(void)state;
	needs_server();
	make_history(&history);
	whole = new_database();
	store = open_migrated(whole);
	assert_ok(wake_record_apply(store, &history, &err));
	wake_store_close(store);
	conn = connect_plainly(whole);
	before = ask(conn, sums);
	/* As it is fed: hints stay where the files are. */
	tell(whole, "delete from workflow_events where type = 'edited'");
	tell(whole, "update workflow_events set folded_at = null; truncate workflow_movements, workflow_runs, workflow_days, "
	            "workflow_examinations, workflow_evidence, workflow_commits, workflow_ref_movements, workflow_rewrites, "
	            "workflow_run_files, workflow_pushes, workflow_edits, workflow_edit_hints, workflow_workspaces, "
	            "workflow_worktrees, workflow_repositories, sessions, messages, workflow_gaps cascade");
	tell(whole, "update workflow_events set workflow_run_id = '11111111-1111-4111-8111-111111111111'");
	store = open_migrated(whole);
	fold_all(store, &folded);
	assert_int_equal(folded, number(whole, "select count(*) from workflow_events"));
	assert_int_equal(number(whole, "select count(*) from workflow_events where folded_at is null or "
	                               "workflow_run_id = '11111111-1111-4111-8111-111111111111'"),
	    0);
	after = ask(conn, sums);
	assert_int_equal(strlen(PQgetvalue(before, 0, 0)), 32);
	assert_string_equal(PQgetvalue(after, 0, 0), PQgetvalue(before, 0, 0));
	PQclear(before);
	PQclear(after);
	PQfinish(conn);
	wake_store_close(store);
	free(whole);
}

/* It is an event, and the tables refuse it: the others of its batch are folded, and it is set aside. */
static void one_that_the_tables_refuse_stands_in_nobodys_way(void **state)
{
	struct wake_waiting waiting = { 0 };
	struct wake_store *store;
	size_t folded, total = 0;
	bool more = true;
	char *name;

	(void)state;
	needs_server();
	name = new_database();
	store = open_migrated(name);
	/* By a name of ours it is our own rule. */
	tell(name, "alter table workflow_gaps rename constraint workflow_gaps_pkey to id; "
	           "alter table workflow_gaps add constraint workflow_gaps_pkey check (reason <> 'refused')");
	for (unsigned i = 0; i < 20; i++) {
		char id[WAKE_ID_SIZE];

		(void)snprintf(id, sizeof(id), "01a20463-0000-7000-8000-%012u", i);
		gap(name, id, i == 7 || i == 13 ? "refused" : "good");
	}
	assert_ok(wake_waiting_count(store, &waiting, &err));
	assert_int_equal(waiting.events, 20);
	for (unsigned round = 0; more; round++) {
		assert_true(round < 60);
		assert_ok(wake_waiting_fold(store, &folded, &more, &err));
		total += folded;
	}
	assert_int_equal(total, 18);
	assert_int_equal(number(name, "select count(*) from workflow_gaps"), 18);
	assert_ok(wake_waiting_count(store, &waiting, &err));
	assert_int_equal(waiting.events, 0);
	assert_int_equal(waiting.set_aside, 2);
	assert_non_null(strstr(waiting.reason, "workflow_gaps_pkey"));
	wake_store_close(store);
	free(name);
}

/* A rule of the team's own is no event's fault: all wait, and are folded once it takes them. */
static void what_a_team_refuses_waits(void **state)
{
	struct wake_waiting waiting = { 0 };
	struct wake_store *store;
	size_t folded = 0;
	bool more = true;
	char *name;

	(void)state;
	needs_server();
	name = new_database();
	store = open_migrated(name);
	tell(name, "alter table workflow_gaps add constraint no_such check (reason <> 'refused')");
	gap(name, "01a20463-0000-7000-8000-000000000001", "good");
	gap(name, "01a20463-0000-7000-8000-000000000002", "refused");
	assert_int_equal(wake_waiting_fold(store, &folded, &more, &err), WAKE_REFUSED);
	assert_non_null(strstr(err.text, "the constraint no_such of workflow_gaps is not Runwake's"));
	assert_ok(wake_waiting_count(store, &waiting, &err));
	assert_int_equal(waiting.events, 2);
	assert_int_equal(waiting.set_aside, 0);
	tell(name, "alter table workflow_gaps drop constraint no_such");
	assert_ok(wake_waiting_fold(store, &folded, &more, &err));
	assert_int_equal(number(name, "select count(*) from workflow_gaps"), 2);
	wake_store_close(store);
	free(name);
}

static void what_is_no_event_is_set_aside(void **state)
{
	static const char *const values[] = {
		"'gap', 1, now(), 'h', '{}'",
		"'unheard-of', 1, now(), 'h', '{}'",
		"'gap', 1, 'infinity', 'h', '{}'",
		"'gap', 1, '-infinity', 'h', '{}'",
		"'gap', 1, '294000-01-01', 'h', '{}'",
		"'gap', 1, now(), repeat('h', 100000), '{}'",
		"'gap', 1, now(), 'h', null",
		"'gap', 1, now(), 'h', '\"\\\",\\\"id\\\":1\"'",
		"'gap', 1, now(), 'h', '[1e400]'",
		"'gap', 1, now(), 'h', cast(repeat('[', 3000) || repeat(']', 3000) as jsonb)",
		"'gap', 0, now(), 'h', '{}'",
		"'edited', 1, now(), 'h', '{\"repository_id\":\"" REPO "\",\"worktree_id\":\"" REPO "\",\"git_dir\":\"/r/.git\","
		"\"common_dir\":\"/r/.git\",\"root\":\"/r\",\"since\":\"2027-01-15T08:00:00.000000Z\",\"reason\":\"settled\","
		"\"paths\":[\"../../etc/passwd\"]}'",
		"'gap', 2147483647, now(), 'h', '{}'",
	};
	struct wake_waiting waiting = { 0 };
	struct wake_store *store;
	size_t folded;
	char *name;

	(void)state;
	needs_server();
	name = new_database();
	store = open_migrated(name);
	for (size_t i = 0; i < WAKE_COUNT(values); i++) {
		char *text;

		assert_true(asprintf(&text,
		                "insert into workflow_events (id, type, version, at, host, payload, recorded_at) values "
		                "('00000000-0000-0000-0000-%012zu', %s, now())",
		                i, values[i]) > 0);
		tell(name, text);
		free(text);
	}
	gap(name, "ffffffff-ffff-ffff-ffff-ffffffffffff", "good");
	fold_all(store, &folded);
	assert_int_equal(folded, 1);
	assert_ok(wake_waiting_count(store, &waiting, &err));
	assert_int_equal(waiting.set_aside, WAKE_COUNT(values));
	assert_non_null(strstr(waiting.reason, "newer Runwake"));
	/* Only what was set aside for being newer is taken up again, and only by one that reads it. */
	assert_ok(wake_waiting_again(store, false, &err));
	assert_ok(wake_waiting_count(store, &waiting, &err));
	assert_int_equal(waiting.set_aside, WAKE_COUNT(values));
	tell(name, "update workflow_events set version = 1 where version = 2147483647");
	assert_ok(wake_waiting_again(store, false, &err));
	assert_ok(wake_waiting_count(store, &waiting, &err));
	assert_int_equal(waiting.set_aside, WAKE_COUNT(values) - 1);
	assert_int_equal(waiting.events, 1);
	/* Where somebody asks for it, all are, and those that are none are set aside once more. */
	assert_ok(wake_waiting_again(store, true, &err));
	assert_ok(wake_waiting_count(store, &waiting, &err));
	assert_int_equal(waiting.set_aside, 0);
	assert_int_equal(waiting.events, WAKE_COUNT(values));
	tell(name, "update workflow_events set type = 'gap', payload = '{\"repository_id\":\"" REPO
	           "\",\"reason\":\"a type of tomorrow\"}' where type = 'unheard-of'");
	fold_all(store, &folded);
	assert_int_equal(folded, 1);
	assert_ok(wake_waiting_count(store, &waiting, &err));
	assert_int_equal(waiting.set_aside, WAKE_COUNT(values) - 1);
	wake_store_close(store);
	free(name);
}

/* A batch holds no more of payloads than was said, and one alone that is larger is none. */
static void payloads_are_bounded(void **state)
{
	struct wake_waiting waiting = { 0 };
	struct wake_store *store;
	size_t folded;
	char *name;

	(void)state;
	needs_server();
	name = new_database();
	store = open_migrated(name);
	tell(name, "insert into workflow_events (id, type, version, at, host, payload, recorded_at) values "
	           "('00000000-0000-0000-0000-000000000001', 'gap', 1, now(), 'h', "
	           "jsonb_build_object('reason', repeat('x', 70 * 1024 * 1024)), now())");
	gap(name, "00000000-0000-0000-0000-000000000002", "good");
	fold_all(store, &folded);
	assert_int_equal(folded, 1);
	assert_ok(wake_waiting_count(store, &waiting, &err));
	assert_int_equal(waiting.set_aside, 1);
	assert_non_null(strstr(waiting.reason, "more than"));
	wake_store_close(store);
	free(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(a_file_has_none),
		cmocka_unit_test(folding_makes_what_recording_makes),
		cmocka_unit_test(one_that_the_tables_refuse_stands_in_nobodys_way),
		cmocka_unit_test(what_a_team_refuses_waits),
		cmocka_unit_test(what_is_no_event_is_set_aside),
		cmocka_unit_test(payloads_are_bounded),
	};

	return cmocka_run_group_tests_name("store/waiting", tests, start_cluster, stop_cluster);
}
