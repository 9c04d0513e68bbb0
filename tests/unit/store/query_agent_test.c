/* SPDX-License-Identifier: MIT */
/* store/query_agent: whose an agent's session and a model's answer are, each by an index. */
#include "store/query_agent.h"

#include <sqlite3.h>

#include "../base/scratch.h"
#include "base/clock.h"
#include "store/migrate.h"

#define RUN_1 "01a20463-0000-7000-8000-000000000001"
#define RUN_2 "01a20463-0000-7000-8000-000000000002"
#define RUN_3 "01a20463-0000-7000-8000-000000000003"
#define ANSWER "44444444-4444-5444-8444-444444444444"

static struct wake_error err;

#define assert_ok(call)                                                                                      \
	do {                                                                                                 \
		if ((call) != WAKE_OK)                                                                       \
			fail_msg("%s: %s", #call, err.text);                                                 \
	} while (0)

static const char fixture[] =
    "insert into workflow_runs (id, run_id, workflow_name, task_input, created_at, updated_at, started_at, "
    "completed_at,"
    " agent_session_id, start_event_id) values"
    " ('" RUN_1 "', 'one', 'w', '', '2026', '2026', '2026-01-02T00:00:00.000000Z', null, 's', 'e'),"
    " ('" RUN_2 "', 'two', 'w', '', '2026', '2026', '2026-01-01T00:00:00.000000Z', "
                "'2026-01-01T00:00:01.000000Z', 's', null),"
    " ('" RUN_3 "', 'three', 'w', '', '2026', '2026', '2025-01-01T00:00:00.000000Z', null, null, 'e');"
    "insert into workflow_usage (response_id, workflow_run_id, at, ai_model, input_tokens, output_tokens, "
    "cache_read_tokens,"
    " cache_write_tokens) values ('" ANSWER "', '" RUN_1 "', '2026', 'm', 1, 1, 1, 1),"
    " ('" ANSWER "', '" RUN_3 "', '2026', 'm', 1, 1, 1, 1);";

static sqlite3 *open_raw(void *const *state)
{
	wake_auto_free char *path = scratch_path(state, "store.db");
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	return db;
}

static struct wake_store *make_store(void *const *state)
{
	char url[256];
	struct wake_store *store = NULL;
	size_t applied;
	sqlite3 *db;

	(void)snprintf(url, sizeof(url), "sqlite:%s/store.db", (const char *)*state);
	assert_ok(wake_store_open(url, &store, &err));
	assert_ok(wake_migrate(store, &applied, &err));
	db = open_raw(state);
	assert_int_equal(sqlite3_exec(db, fixture, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return store;
}

static void a_session_has_its_runs(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	wake_auto_agent_runs struct wake_agent_runs runs = { 0 }, none = { 0 };

	assert_ok(wake_query_agent_runs(store, "s", &runs, &err));
	assert_int_equal(runs.count, 2);
	assert_string_equal(runs.items[0].run_id, "two");
	assert_false(runs.items[0].is_announced);
	assert_int_equal(runs.items[0].completed - runs.items[0].started, WAKE_SECOND);
	assert_string_equal(runs.items[1].run_id, "one");
	assert_true(runs.items[1].is_announced);
	assert_true(runs.items[1].completed == WAKE_TIME_NONE);
	assert_ok(wake_query_agent_runs(store, "t", &none, &err));
	assert_int_equal(none.count, 0);
}

static void an_answer_has_its_session(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	wake_auto_free char *session = NULL, *none = NULL;

	assert_ok(wake_query_session_of_answer(store, ANSWER, &session, &err));
	assert_string_equal(session, "s"); /* that of run three is not known */
	assert_ok(wake_query_session_of_answer(store, RUN_1, &none, &err));
	assert_null(none);
}

static void both_are_found_by_an_index(void **state)
{
	static const enum wake_sql statements[] = { WAKE_SQL_READ_RUNS_OF_AGENT_SESSION,
		WAKE_SQL_READ_SESSION_OF_ANSWER };
	wake_auto_store struct wake_store *store = make_store(state);
	sqlite3 *db = open_raw(state);

	assert_non_null(store);
	for (size_t i = 0; i < WAKE_COUNT(statements); i++) {
		char *sql = sqlite3_mprintf("explain query plan %s", wake_sql_texts[statements[i]].sqlite);
		sqlite3_stmt *plan = NULL;

		assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &plan, NULL), SQLITE_OK);
		while (sqlite3_step(plan) == SQLITE_ROW) {
			const char *step = (const char *)sqlite3_column_text(plan, 3);

			if (strncmp(step, "SCAN", 4) == 0)
				fail_msg("%s: %s", wake_sql_texts[statements[i]].name, step);
		}
		assert_int_equal(sqlite3_finalize(plan), SQLITE_OK);
		sqlite3_free(sql);
	}
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_session_has_its_runs, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(an_answer_has_its_session, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(both_are_found_by_an_index, scratch_make, scratch_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
