/* SPDX-License-Identifier: MIT */
/* store/query_totals: what runs amount to by day, model, repository and workflow, within days. */
#include "store/query.h"

#include <sqlite3.h>

#include "../base/scratch.h"
#include "store/fold.h"
#include "store/migrate.h"

#define DAY_1 INT64_C(1767225600000000) /* 2026-01-01T00:00:00Z */
#define DAY (86400 * WAKE_SECOND)

static struct wake_error err;

#define assert_ok(call)                                                                                      \
	do {                                                                                                 \
		if ((call) != WAKE_OK)                                                                       \
			fail_msg("%s: %s", #call, err.text);                                                 \
	} while (0)

/* Two on the first day, the second of them in its last microsecond; one on the second; one on the fourth. */
static const char fixture[] =
    "insert into workflow_runs (id, run_id, workflow_name, task_input, git_repo, ai_model, status, created_at, "
    "updated_at, input_tokens, output_tokens, cost_estimate, own_added_lines, own_removed_lines) values "
    "('1', 'a', 'fix', '', '/r', 'large', 'completed', '2026-01-01T00:00:00.000000Z', '', 100, 10, 1500000, 5, 1),"
    "('2', 'b', 'test', '', '/r', 'small', 'failed', '2026-01-01T23:59:59.999999Z', '', 200, 20, 250000, 7, 2),"
    "('3', 'c', 'fix', '', '/s', 'large', 'killed', '2026-01-02T00:00:00.000000Z', '', 1, 2, null, 0, 0),"
    "('4', 'd', 'fix', '', null, null, 'running', '2026-01-04T12:00:00.000000Z', '', 0, 0, null, 0, 0);";

static void put(void *const *state, const char *sql)
{
	wake_auto_free char *path = scratch_path(state, "store.db");
	sqlite3 *db = NULL;
	char *text = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &text) != SQLITE_OK)
		fail_msg("%s", text);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void decide_days(struct wake_store *store)
{
	wake_auto_fold struct wake_fold fold = { 0 };

	assert_ok(wake_fold_init(&fold, store, &err));
	assert_ok(wake_store_begin(store, &err));
	for (int day = 0; day < 4; day++)
		assert_ok(wake_fold_touch_day(&fold, DAY_1 + day * DAY, &err));
	assert_ok(wake_fold_decide(&fold, &err));
	assert_ok(wake_store_commit(store, &err));
}

static struct wake_store *make_store(void *const *state)
{
	wake_auto_free char *path = scratch_path(state, "store.db");
	char url[256];
	struct wake_store *store = NULL;
	size_t applied;

	(void)snprintf(url, sizeof(url), "sqlite:%s", path);
	assert_ok(wake_store_open(url, &store, &err));
	assert_ok(wake_migrate(store, &applied, &err));
	put(state, fixture);
	decide_days(store);
	return store;
}

/* "name runs completed failed killed input output cost added removed", a line each. */
static void assert_totals(
    struct wake_store *store, enum wake_totals_by by, int64_t since, int64_t until, const char *expected)
{
	static const char *const members[] = { "runs", "completed", "failed", "killed", "input_tokens", "output_tokens" };
	wake_auto_str struct wake_str text = WAKE_STR(4096);
	wake_auto_json json_t *totals = NULL;
	size_t place;
	json_t *total;

	assert_ok(wake_query_totals(store, by, since, until, &totals, &err));
	json_array_foreach(totals, place, total)
	{
		wake_str_append(&text, wake_json_string(total, "name"));
		for (size_t i = 0; i < WAKE_COUNT(members); i++)
			wake_str_appendf(&text, " %d", (int)wake_json_int(total, members[i], -1));
		wake_str_appendf(&text, " %.6f %d %d\n", json_real_value(json_object_get(total, "cost_estimate")),
		    (int)wake_json_int(total, "own_added_lines", -1),
		    (int)wake_json_int(total, "own_removed_lines", -1));
	}
	assert_string_equal(wake_str_text(&text), expected);
}

static void totals_along_each_dimension(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);

	assert_totals(store, WAKE_TOTALS_BY_DAY, WAKE_TIME_NONE, WAKE_TIME_NONE,
	    "2026-01-01 2 1 1 0 300 30 1.750000 12 3\n2026-01-02 1 0 0 1 1 2 0.000000 0 0\n"
	    "2026-01-04 1 0 0 0 0 0 0.000000 0 0\n");
	assert_totals(store, WAKE_TOTALS_BY_MODEL, WAKE_TIME_NONE, WAKE_TIME_NONE,
	    " 1 0 0 0 0 0 0.000000 0 0\nlarge 2 1 0 1 101 12 1.500000 5 1\nsmall 1 0 1 0 200 20 0.250000 7 2\n");
	assert_totals(store, WAKE_TOTALS_BY_REPO, WAKE_TIME_NONE, WAKE_TIME_NONE,
	    " 1 0 0 0 0 0 0.000000 0 0\n/r 2 1 1 0 300 30 1.750000 12 3\n/s 1 0 0 1 1 2 0.000000 0 0\n");
	assert_totals(store, WAKE_TOTALS_BY_WORKFLOW, WAKE_TIME_NONE, WAKE_TIME_NONE,
	    "fix 3 1 0 1 101 12 1.500000 5 1\ntest 1 0 1 0 200 20 0.250000 7 2\n");
}

static void days_are_whole_and_both_ends_count(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);

	assert_totals(store, WAKE_TOTALS_BY_WORKFLOW, DAY_1 + DAY / 2, DAY_1 + DAY / 2,
	    "fix 1 1 0 0 100 10 1.500000 5 1\ntest 1 0 1 0 200 20 0.250000 7 2\n");
	assert_totals(store, WAKE_TOTALS_BY_WORKFLOW, DAY_1 + DAY, WAKE_TIME_NONE, "fix 2 0 0 1 1 2 0.000000 0 0\n");
	assert_totals(store, WAKE_TOTALS_BY_DAY, WAKE_TIME_NONE, DAY_1 + DAY - 1,
	    "2026-01-01 2 1 1 0 300 30 1.750000 12 3\n");
	assert_totals(store, WAKE_TOTALS_BY_DAY, DAY_1 + 9 * DAY, WAKE_TIME_NONE, "");
	assert_totals(store, WAKE_TOTALS_BY_DAY, DAY_1 + DAY, DAY_1, "");
}

static void a_day_is_taken_anew(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);

	put(state, "update workflow_runs set status = 'completed', ai_model = 'small' where id = '3'; "
	           "delete from workflow_runs where id = '4'");
	decide_days(store);
	decide_days(store);
	assert_totals(store, WAKE_TOTALS_BY_MODEL, WAKE_TIME_NONE, WAKE_TIME_NONE,
	    "large 1 1 0 0 100 10 1.500000 5 1\nsmall 2 1 1 0 201 22 0.250000 7 2\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(totals_along_each_dimension),
		scratch_test(days_are_whole_and_both_ends_count),
		scratch_test(a_day_is_taken_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
