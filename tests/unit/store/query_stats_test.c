/* SPDX-License-Identifier: MIT */
/* store/query_stats: sums over runs, by what they have in common, within a time. */
#include "store/query_stats.h"

#include <sqlite3.h>

#include "../base/scratch.h"
#include "base/clock.h"
#include "store/migrate.h"

static struct wake_error err;

#define assert_ok(call)                                                                                      \
	do {                                                                                                 \
		if ((call) != WAKE_OK)                                                                       \
			fail_msg("%s: %s", #call, err.text);                                                 \
	} while (0)

#define S1 "44444444-4444-4444-8444-444444444441"
#define RUN(n, day, status, model, repo, session, name, cost, out)                                           \
	"insert into workflow_runs (id, run_id, workflow_name, task_input, created_at, updated_at, status, " \
	"ai_model, git_repo, session_id,"                                                                    \
	" session_name, cost_estimate, output_tokens, own_added_lines) values ('" n "', '" n "', 'w" n       \
	"', '', '" day "T12:00:00.000000Z', '2026', '" status "', " model ", " repo ", " session ", " name   \
	", " cost ", " out ", 1);"

static const char fixture[] =
    "insert into sessions (id, name, created_at, updated_at) values ('" S1 "', 'n', '2026', '2026');" RUN(
        "1", "2026-01-01", "completed", "'m'", "'/r'", "'" S1 "'", "'named'", "1500000", "10")
        RUN("2", "2026-01-01", "failed", "'m'", "null", "'" S1 "'", "null", "null", "20")
            RUN("3", "2026-01-02", "killed", "null", "'/r'", "null", "null", "2000000", "30")
                RUN("4", "2026-01-02", "running", "'k'", "'/r'", "null", "null", "1", "40");

static struct wake_store *make_store(void *const *state)
{
	wake_auto_free char *path = scratch_path(state, "store.db");
	char url[256];
	struct wake_store *store = NULL;
	sqlite3 *db = NULL;
	size_t applied;

	(void)snprintf(url, sizeof(url), "sqlite:%s", path);
	assert_ok(wake_store_open(url, &store, &err));
	assert_ok(wake_migrate(store, &applied, &err));
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, fixture, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return store;
}

/* "key name runs/completed/failed/killed out cost without lines; …" */
static void assert_rows(
    struct wake_store *store, const char *by, int64_t since, int64_t until, const char *expected)
{
	wake_auto_str struct wake_str words = WAKE_STR(4096);
	wake_auto_json json_t *rows = NULL, *total = NULL;
	json_t *row;
	size_t place;

	assert_ok(wake_query_stats(store, by, since, until, &rows, &total, &err));
	json_array_foreach(rows, place, row)
	{
		const char *key = wake_json_string(row, "key"), *name = wake_json_string(row, "name");

		wake_str_appendf(&words, "%s%s%s%s %d/%d/%d/%d %d %.6f %d %d", place ? "; " : "",
		    key ? key : "-", name ? " " : "", name ? name : "", (int)wake_json_int(row, "runs", -1),
		    (int)wake_json_int(row, "completed", -1), (int)wake_json_int(row, "failed", -1),
		    (int)wake_json_int(row, "killed", -1), (int)wake_json_int(row, "output_tokens", -1),
		    json_number_value(json_object_get(row, "cost")),
		    (int)wake_json_int(row, "runs_without_cost", -1),
		    (int)wake_json_int(row, "own_added_lines", -1));
	}
	assert_string_equal(wake_str_text(&words), expected);
}

static void sums_are_by_each_kind(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);

	assert_rows(store, "all", WAKE_TIME_NONE, INT64_MAX, "- 4/1/1/1 100 3.500001 1 4");
	assert_rows(store, "day", WAKE_TIME_NONE, INT64_MAX,
	    "2026-01-02 2/0/0/1 70 2.000001 0 2; 2026-01-01 2/1/1/0 30 1.500000 1 2");
	assert_rows(store, "model", WAKE_TIME_NONE, INT64_MAX,
	    "- 1/0/0/1 30 2.000000 0 1; m 2/1/1/0 30 1.500000 1 2; k 1/0/0/0 40 0.000001 0 1");
	assert_rows(store, "repo", WAKE_TIME_NONE, INT64_MAX,
	    "/r 3/1/0/1 80 3.500001 0 3; - 1/0/1/0 20 0.000000 1 1");
	assert_rows(store, "workflow", WAKE_TIME_NONE, INT64_MAX,
	    "w3 1/0/0/1 30 2.000000 0 1; w1 1/1/0/0 10 1.500000 0 1; w4 1/0/0/0 40 0.000001 0 1; w2 1/0/1/0 "
	    "20 0.000000 1 1");
	assert_rows(store, "session", WAKE_TIME_NONE, INT64_MAX,
	    "- 2/0/0/1 70 2.000001 0 2; " S1 " named 2/1/1/0 30 1.500000 1 2");
}

static void a_time_narrows(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	int64_t noon = 0;

	assert_ok(wake_time_parse("2026-01-02T12:00:00Z", &noon, &err));
	assert_rows(store, "all", noon, noon + 1, "- 2/0/0/1 70 2.000001 0 2");
	assert_rows(store, "all", WAKE_TIME_NONE, noon, "- 2/1/1/0 30 1.500000 1 2");
	assert_rows(store, "all", noon + 1, INT64_MAX, "");
	assert_rows(store, "model", noon + 1, INT64_MAX, "");
}

static void a_total_is_always_there(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	wake_auto_json json_t *rows = NULL, *total = NULL, *none = NULL, *nothing = NULL;

	assert_ok(wake_query_stats(store, "day", WAKE_TIME_NONE, INT64_MAX, &rows, &total, &err));
	assert_int_equal(wake_json_int(total, "runs", -1), 4);
	assert_int_equal(wake_json_int(total, "output_tokens", -1), 100);
	assert_int_equal(wake_json_int(total, "runs_without_cost", -1), 1);
	assert_true(json_number_value(json_object_get(total, "cost")) == 3.500001);
	assert_null(json_object_get(total, "key"));
	assert_ok(wake_query_stats(store, "day", INT64_MAX - 1, INT64_MAX, &none, &nothing, &err));
	assert_int_equal(json_array_size(none), 0);
	assert_int_equal(wake_json_int(nothing, "runs", -1), 0);
	assert_true(json_is_real(json_object_get(nothing, "cost")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sums_are_by_each_kind, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_time_narrows, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_total_is_always_there, scratch_make, scratch_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
