/* SPDX-License-Identifier: MIT */
/* store/query_chat and query_chat_page: cursors, which session is meant, and that each statement is led by
 * its index. What pages hold is in tests/e2e/chat.sh, in both stores. */
#include "store/query_chat.h"

#include <sqlite3.h>

#include "../base/scratch.h"
#include "base/clock.h"
#include "store_file.h"

#define S1 "44444444-4444-4444-8444-444444444441"
#define S2 "44444444-4444-4444-8444-444444444442"
#define S3 "55555555-4444-4444-8444-444444444443"

static void put(void *const *state, const char *sql)
{
	wake_auto_free char *path = scratch_path(state, "s.db");
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void cursors_come_back(void **state)
{
	static const char *const bad[] = { "", "x", "2026-01-01T00:00:00.000000Z",
		"2026-01-01T00:00:00.000000Z,9,0," S1, "2026-01-01T00:00:00.000000Z,1,0," S1 "x",
		"2026-01-01T00:00:00.000000Z,1,0,nothing",
		"2026-01-01T00:00:00.000000Z,1,123456789012345678901234567890," S1 };
	const struct wake_chat_place place = {
		.at = INT64_C(1800000000000001), .kind = 2, .position = 77, .id = S1
	};
	struct wake_chat_place back = { 0 };
	char cursor[WAKE_CHAT_CURSOR_SIZE];

	(void)state;
	wake_chat_place_format(&place, cursor);
	assert_ok(wake_chat_place_parse(cursor, &back, &err));
	assert_int_equal(back.at, place.at);
	assert_int_equal(back.kind, place.kind);
	assert_int_equal(back.position, place.position);
	assert_string_equal(back.id, place.id);
	for (size_t i = 0; i < WAKE_COUNT(bad); i++)
		assert_int_equal(wake_chat_place_parse(bad[i], &back, &err), WAKE_INVALID);
}

static void a_session_is_found_by_each_name(void **state)
{
	wake_auto_store struct wake_store *store = open_file(state, "s.db");
	char id[WAKE_ID_SIZE];

	put(state,
	    "insert into sessions (id, name, created_at, updated_at) values ('" S1
	    "', 'n', '2026', '2026'), ('" S2 "', 'n', '2026', '2027'), ('" S3 "', '4444', '2026', '2026');"
	    "insert into workflow_runs (id, run_id, workflow_name, task_input, created_at, updated_at, "
	    "session_id) values "
	    "('a', 'job-1', 'w', '', '2026-01-01T00:00:00.000000Z', '2026', '" S1 "'), "
	    "('b', 'job-2', 'w', '', '2026-01-01T00:00:00.000000Z', '2026', null)");
	assert_ok(wake_query_find_session(store, "n", id, &err));
	assert_string_equal(id, S2);
	assert_ok(wake_query_find_session(
	    store, "4444", id, &err)); /* a name comes before the beginning of an id */
	assert_string_equal(id, S3);
	assert_ok(wake_query_find_session(store, "55555", id, &err));
	assert_string_equal(id, S3);
	assert_ok(wake_query_find_session(store, S1, id, &err));
	assert_string_equal(id, S1);
	assert_ok(wake_query_find_session(store, "job-1", id, &err));
	assert_string_equal(id, S1);
	assert_int_equal(wake_query_find_session(store, "44444444-4", id, &err), WAKE_INVALID);
	assert_int_equal(wake_query_find_session(store, "job-2", id, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_query_find_session(store, "nobody", id, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_query_find_session(store, "555", id, &err), WAKE_NOTFOUND);
}

static void plan_of(sqlite3 *db, enum wake_sql sql, struct wake_str *plan)
{
	wake_auto_str struct wake_str text = WAKE_STR(65536);
	sqlite3_stmt *stmt = NULL;

	wake_str_appendf(&text, "explain query plan %s", wake_sql_texts[sql].sqlite);
	assert_int_equal(sqlite3_prepare_v2(db, text.data, -1, &stmt, NULL), SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW)
		wake_str_appendf(plan, "%s\n", (const char *)sqlite3_column_text(stmt, 3));
	assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
}

/* A page costs what it holds: no table is read from end to end, and no session's messages or runs are sorted
 * as a whole. */
static void each_page_is_led_by_its_index(void **state)
{
	static const struct {
		enum wake_sql sql;
		const char *search;
		bool sorts; /* the page alone; or commits and pushes of all runs are put in order */
	} cases[] = {
		{ WAKE_SQL_READ_CONVERSATIONS, "workflow_conversations_by_activity (last_at", true },
		{ WAKE_SQL_READ_CONVERSATIONS_UNREAD, "workflow_conversations_unread (last_at", true },
		{ WAKE_SQL_READ_CHAT_MESSAGES_BEFORE, "messages_by_session (session_id=? AND created_at<?)",
		    false },
		{ WAKE_SQL_READ_CHAT_MESSAGES_AFTER, "messages_by_session (session_id=? AND created_at>?)",
		    false },
		{ WAKE_SQL_READ_CHAT_BEGAN_BEFORE, "workflow_runs_by_session (session_id=? AND created_at<?)",
		    false },
		{ WAKE_SQL_READ_CHAT_BEGAN_AFTER, "workflow_runs_by_session (session_id=? AND created_at>?)",
		    false },
		{ WAKE_SQL_READ_CHAT_ENDED_BEFORE,
		    "workflow_runs_by_session_end (session_id=? AND completed_at>? AND completed_at<?)",
		    false },
		{ WAKE_SQL_READ_CHAT_ENDED_AFTER,
		    "workflow_runs_by_session_end (session_id=? AND completed_at>?)", false },
		{ WAKE_SQL_READ_CHAT_COMMITS_BEFORE,
		    "workflow_movements_by_run (workflow_run_id=? AND moved_at>? AND moved_at<?)", true },
		{ WAKE_SQL_READ_CHAT_COMMITS_AFTER,
		    "workflow_movements_by_run (workflow_run_id=? AND moved_at>? AND moved_at<?)", true },
		{ WAKE_SQL_READ_CHAT_PUSHES_BEFORE,
		    "workflow_pushes_by_run (workflow_run_id=? AND intended_at>? AND intended_at<?)", true },
		{ WAKE_SQL_READ_CHAT_PUSHES_AFTER,
		    "workflow_pushes_by_run (workflow_run_id=? AND intended_at>? AND intended_at<?)", true },
		{ WAKE_SQL_FOLD_CONVERSATION, "workflow_runs_by_session (session_id=?)", true },
	};
	wake_auto_store struct wake_store *store __attribute__((unused)) = open_file(state, "s.db");
	wake_auto_free char *path = scratch_path(state, "s.db");
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		wake_auto_str struct wake_str plan = WAKE_STR(65536);

		plan_of(db, cases[i].sql, &plan);
		if (!strstr(wake_str_text(&plan), cases[i].search) ||
		    strstr(wake_str_text(&plan), "SCAN workflow") ||
		    (!cases[i].sorts && strstr(wake_str_text(&plan), "SCAN m")) ||
		    strstr(wake_str_text(&plan), "SCAN r"))
			fail_msg("%s: %s", wake_sql_texts[cases[i].sql].name, wake_str_text(&plan));
		if (!cases[i].sorts && strstr(wake_str_text(&plan), "USE TEMP B-TREE FOR ORDER BY"))
			fail_msg("%s sorts: %s", wake_sql_texts[cases[i].sql].name, wake_str_text(&plan));
	}
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(cursors_come_back, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    a_session_is_found_by_each_name, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(each_page_is_led_by_its_index, scratch_make, scratch_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
