/* SPDX-License-Identifier: MIT */
/* store/feed and store/feed_tell: what is listed, told, refused and tried again. */
#include "postgres_server.h"

#include "base/clock.h"
#include "store/feed.h"
#include "store/record.h"

#define REPO "11111111-1111-8111-8111-111111111111"

static struct wake_store *make_file(void *const *state)
{
	struct wake_store *store = NULL;
	char *path = scratch_path(state, "store.db"), *url;
	size_t applied;

	assert_true(asprintf(&url, "sqlite:%s", path) > 0);
	assert_ok(wake_store_open(url, &store, &err));
	assert_ok(wake_migrate(store, &applied, &err));
	free(url);
	free(path);
	return store;
}

static void record(struct wake_store *store, enum wake_event_type type, json_t *data)
{
	wake_auto_events struct wake_events events = { 0 };
	struct wake_event event = { 0 };

	assert_ok(wake_event_make(type, NULL, 0, data, &event, &err));
	assert_ok(wake_events_add(&events, &event, &err));
	assert_ok(wake_record_apply(store, &events, &err));
	assert_ok(wake_record_apply(store, &events, &err)); /* told twice, listed once */
}

static void record_gap(struct wake_store *store, const char *reason)
{
	record(store, WAKE_EVENT_GAP, json_pack("{ss,ss}", "repository_id", REPO, "reason", reason));
}

static void record_hint(struct wake_store *store)
{
	record(store, WAKE_EVENT_EDITED,
	    json_pack("{ss ss ss ss ss ss ss sb}", "repository_id", REPO, "worktree_id", REPO, "git_dir", "/r/.git",
	        "common_dir", "/r/.git", "root", "/r", "since", "2027-01-15T08:00:00.000000Z", "reason", "settled",
	        "whole", 1));
}

static int64_t waiting(struct wake_store *store)
{
	struct wake_feed_counts counts = { 0 };

	assert_ok(wake_feed_count(store, &counts, &err));
	return counts.waiting;
}

static void a_store_that_is_not_fed_lists_nothing(void **state)
{
	wake_auto_store struct wake_store *store = make_file(state);
	wake_auto_feed_state struct wake_feed_state feed = { 0 };
	size_t fed = 1;

	record_gap(store, "one");
	assert_int_equal(waiting(store), 0);
	assert_ok(wake_feed_read(store, &feed, &err));
	assert_null(feed.url);
	assert_false(feed.waits);
	assert_ok(wake_feed(store, "host", &fed, &err));
	assert_int_equal(fed, 0);
}

static void feeding_begins_with_all_that_there_is(void **state)
{
	wake_auto_store struct wake_store *store = make_file(state);
	wake_auto_feed_state struct wake_feed_state feed = { 0 };

	record_gap(store, "before");
	record_hint(store);
	assert_ok(wake_feed_set(store, "postgresql:///team", &err));
	assert_int_equal(waiting(store), 1);
	record_gap(store, "after");
	record_hint(store); /* of no use to anybody who has not the files */
	assert_int_equal(waiting(store), 2);
	assert_ok(wake_feed_set(store, "postgresql:///team", &err)); /* it is so already */
	assert_int_equal(waiting(store), 2);
	assert_ok(wake_feed_read(store, &feed, &err));
	assert_string_equal(feed.url, "postgresql:///team");
	assert_true(feed.waits);
	/* As after the database was restored: whatever it was told before. */
	assert_ok(wake_store_run(store, WAKE_SQL_FEED_FORGET, NULL, 0, NULL, &err));
	assert_int_equal(waiting(store), 0);
	assert_ok(wake_feed_all_again(store, &err));
	assert_int_equal(waiting(store), 2);
	assert_ok(wake_feed_set(store, "", &err));
	assert_int_equal(waiting(store), 0);
	record_gap(store, "alone");
	assert_int_equal(waiting(store), 0);
	assert_ok(wake_feed_set(store, "postgresql:///other", &err));
	assert_int_equal(waiting(store), 3);
}

static void only_a_database_is_fed(void **state)
{
	wake_auto_store struct wake_store *store = make_file(state);

	assert_int_equal(wake_feed_set(store, "sqlite:/other.db", &err), WAKE_INVALID);
	assert_int_equal(wake_feed_set(store, "nonsense", &err), WAKE_INVALID);
	assert_int_equal(waiting(store), 0);
}

static void a_failure_is_noted_and_is_not_tried_at_once(void **state)
{
	wake_auto_store struct wake_store *store = make_file(state);

	record_gap(store, "one");
	assert_ok(wake_feed_set(store, "postgresql:///team?host=/nowhere/at/all&user=nobody", &err));
	for (int64_t failures = 1; failures < 4; failures++) {
		wake_auto_feed_state struct wake_feed_state feed = { 0 };
		int64_t before = wake_clock_now();
		size_t fed = 1;

		assert_int_equal(wake_feed(store, "host", &fed, &err), WAKE_UNAVAILABLE);
		assert_int_equal(fed, 0);
		assert_ok(wake_feed_read(store, &feed, &err));
		assert_int_equal(feed.failures, failures);
		assert_non_null(strstr(feed.problem, "connect"));
		assert_true(feed.next_at >= before + (WAKE_SECOND << failures));
	}
	assert_int_equal(waiting(store), 1);
}

static char *url_of(const char *name)
{
	char *url;

	assert_true(asprintf(&url, "postgresql:///%s?host=%s&user=postgres", name, cluster) > 0);
	return url;
}

static void expect_in_team(const char *name, const char *query, const char *expected)
{
	PGconn *conn = connect_plainly(name);
	PGresult *result = ask(conn, query);

	assert_string_equal(PQgetvalue(result, 0, 0), expected);
	PQclear(result);
	PQfinish(conn);
}

static void everything_arrives_once(void **state)
{
	wake_auto_store struct wake_store *store = NULL;
	char *name, *url;
	size_t fed = 0;

	needs_server();
	store = make_file(state);
	name = new_database();
	wake_store_close(open_migrated(name));
	url = url_of(name);
	for (int i = 0; i < 1203; i++) {
		char reason[32];

		(void)snprintf(reason, sizeof(reason), "reason %d", i);
		if (i == 601)
			assert_ok(wake_feed_set(store, url, &err));
		record_gap(store, reason);
	}
	assert_ok(wake_feed(store, "of the machine", &fed, &err));
	assert_int_equal(fed, 1203);
	assert_int_equal(waiting(store), 0);
	expect_in_team(name,
	    "select count(*) || ' ' || count(distinct payload ->> 'reason') || ' ' || count(folded_at) || ' ' || min(host) "
	    "from workflow_events",
	    "1203 1203 0 of the machine");
	assert_ok(wake_feed(store, "of the machine", &fed, &err));
	assert_int_equal(fed, 0);
	/* To another database, or to the same after it was forgotten: all of it, and nothing twice. */
	assert_ok(wake_feed_set(store, "", &err));
	assert_ok(wake_feed_set(store, url, &err));
	assert_ok(wake_feed(store, "of the machine", &fed, &err));
	assert_int_equal(fed, 1203);
	expect_in_team(name, "select count(*) from workflow_events", "1203");
	free(url);
	free(name);
}

static void what_is_refused_stands_in_no_ones_way(void **state)
{
	struct wake_feed_counts counts = { 0 };
	wake_auto_store struct wake_store *store = NULL;
	char *name, *url;
	size_t fed = 0;

	needs_server();
	store = make_file(state);
	name = new_database();
	wake_store_close(open_migrated(name));
	/* By a name of ours it is our own rule. */
	tell(name, "alter table workflow_events add constraint workflow_events_by_run check (payload ->> 'reason' <> 'refused')");
	url = url_of(name);
	assert_ok(wake_feed_set(store, url, &err));
	record_gap(store, "one");
	record_gap(store, "refused");
	record_gap(store, "two");
	assert_ok(wake_feed(store, "host", &fed, &err));
	assert_ok(wake_feed_count(store, &counts, &err));
	assert_int_equal(counts.waiting, 0);
	assert_int_equal(counts.refused, 1);
	assert_non_null(strstr(counts.refusal, "workflow_events_by_run"));
	expect_in_team(name, "select string_agg(payload ->> 'reason', ' ' order by payload ->> 'reason') from workflow_events", "one two");
	record_gap(store, "three");
	assert_ok(wake_feed(store, "host", &fed, &err));
	expect_in_team(name, "select count(*) from workflow_events", "3");
	free(url);
	free(name);
}

/* What the team itself asks of a row is no event's fault; a unique rule of its own would have events taken for known. */
static void what_a_team_refuses_waits(void **state)
{
	static const char *const changes[][2] = {
		{ "alter table workflow_events add constraint no_such check (payload ->> 'reason' <> 'refused')",
		    "alter table workflow_events drop constraint no_such" },
		{ "alter table workflow_events add column no_such text not null",
		    "alter table workflow_events drop column no_such" },
		{ "create unique index no_such on workflow_events (host)", "drop index no_such" },
	};

	needs_server();
	for (size_t i = 0; i < WAKE_COUNT(changes); i++) {
		wake_auto_store struct wake_store *store = make_file(state);
		struct wake_feed_counts counts = { 0 };
		char *name = new_database(), *url = url_of(name), all[8];
		size_t fed = 0;

		wake_store_close(open_migrated(name));
		tell(name, changes[i][0]);
		assert_ok(wake_feed_set(store, "", &err));
		assert_ok(wake_feed_set(store, url, &err));
		record_gap(store, "one");
		record_gap(store, "refused");
		assert_int_equal(wake_feed(store, "host", &fed, &err), WAKE_REFUSED);
		if (!strstr(err.text, "no_such"))
			fail_msg("%s", err.text);
		assert_ok(wake_feed_count(store, &counts, &err));
		assert_int_equal(counts.refused, 0);
		expect_in_team(name, "select count(*) from workflow_events", "0");
		tell(name, changes[i][1]);
		assert_ok(wake_feed(store, "host", &fed, &err));
		assert_int_equal(waiting(store), 0);
		(void)snprintf(all, sizeof(all), "%zu", 2 * (i + 1)); /* it is one file, which has those of before, too */
		expect_in_team(name, "select count(*) from workflow_events", all);
		free(url);
		free(name);
	}
}

static void a_database_needs_no_feeding(void **state)
{
	struct wake_store *store;
	char *name;

	(void)state;
	needs_server();
	name = new_database();
	store = open_migrated(name);
	assert_int_equal(wake_feed_set(store, "postgresql:///team", &err), WAKE_INVALID);
	assert_ok(wake_feed_set(store, "", &err));
	assert_int_equal(waiting(store), 0);
	wake_store_close(store);
	free(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(a_store_that_is_not_fed_lists_nothing),
		scratch_test(feeding_begins_with_all_that_there_is),
		scratch_test(only_a_database_is_fed),
		scratch_test(a_failure_is_noted_and_is_not_tried_at_once),
		scratch_test(everything_arrives_once),
		scratch_test(what_is_refused_stands_in_no_ones_way),
		scratch_test(what_a_team_refuses_waits),
		cmocka_unit_test(a_database_needs_no_feeding),
	};

	return cmocka_run_group_tests_name("store/feed", tests, start_cluster, stop_cluster);
}
