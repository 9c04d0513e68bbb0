/* SPDX-License-Identifier: MIT */
/* store/purge: what is left of a run, in one store, in a copy that knew its words, and in the file. */
#include <sqlite3.h>

#include "../base/scratch.h"
#include "base/fs.h"
#include "store/copy.h"
#include "store/purge.h"
#include "store/record.h"
#include "store_file.h"

#define WORD "Kaleidoskop"

static void apply(
    struct wake_store *store, enum wake_event_type type, const char *name, int64_t second, json_t *data)
{
	wake_auto_events struct wake_events events = { 0 };

	add(&events, type, name, (T0 + second) * WAKE_SECOND, data);
	assert_ok(wake_record_apply(store, &events, &err));
}

static void tell_of_it(struct wake_store *store)
{
	apply(store, WAKE_EVENT_RUN_STARTED, "start", 0,
	    json_pack("{ss ss ss s{ss}}", "run_id", RUN_A, "workflow", "fix", "task", WORD " task",
	        "metadata", "note", WORD));
	apply(store, WAKE_EVENT_RUN_ENDED, "end", 9,
	    json_pack(
	        "{ss ss sb ss}", "run_id", RUN_A, "status", "failed", "reported", 1, "error", WORD " error"));
}

static bool file_has(void *const *state, const char *name, const char *word)
{
	wake_auto_free char *path = scratch_path(state, name), *text = NULL;
	size_t len = 0;

	assert_ok(wake_fs_read(path, (size_t)64 * 1024 * 1024, WAKE_FS_NOFOLLOW, &text, &len, &err));
	return memmem(text, len, word, strlen(word)) != NULL;
}

static void measure(struct wake_store *store, int64_t events, bool any)
{
	struct wake_purge_extent extent;
	char run[WAKE_ID_SIZE];

	wake_id_for_run(RUN_A, run);
	assert_ok(wake_purge_measure(store, run, &extent, &err));
	assert_int_equal(extent.events, events);
	assert_int_equal(extent.bytes > 0, any);
	assert_int_equal(extent.states, 0);
}

static void a_file_forgets(void **state)
{
	struct wake_store *store = open_file(state, "s.db");
	wake_auto_free char *path = scratch_path(state, "s.db");
	bool any = true;

	assert_ok(wake_purge_is_any(store, &any, &err));
	assert_false(any);
	tell_of_it(store);
	measure(store, 2, true);
	apply(store, WAKE_EVENT_PURGED, "purge", 20, json_pack("{ss}", "run_id", RUN_A));
	assert_ok(wake_purge_is_any(store, &any, &err));
	assert_true(any);
	measure(store, 0, false);
	tell_of_it(store); /* the same events */
	apply(store, WAKE_EVENT_RUN_ENDED, "late", 8,
	    json_pack(
	        "{ss ss sb ss}", "run_id", RUN_A, "status", "killed", "reported", 1, "result", WORD " late"));
	measure(store, 0, false);
	wake_store_close(store);
	assert_ok(wake_purge_file(path, &err));
	assert_false(file_has(state, "s.db", WORD));
	assert_true(file_has(state, "s.db", RUN_A));
}

/* The other store knew its words, and comes to the same, whether the ledger tells or the rows. */
static void a_copy_forgets(void **state)
{
	for (int trimmed = 0; trimmed < 2; trimmed++) {
		const char *names[2][2] = { { "f0.db", "t0.db" }, { "f1.db", "t1.db" } };
		struct wake_store *from = open_file(state, names[trimmed][0]),
		                  *to = open_file(state, names[trimmed][1]);
		struct wake_copy copy = { .from = from, .to = to };
		struct wake_copy_comparison comparison;
		wake_auto_free char *path = scratch_path(state, names[trimmed][0]);
		wake_auto_free char *copied = scratch_path(state, names[trimmed][1]);
		sqlite3 *db = NULL;

		tell_of_it(from);
		if (trimmed == 0) {
			tell_of_it(to);
			apply(from, WAKE_EVENT_PURGED, "purge", 20, json_pack("{ss}", "run_id", RUN_A));
		} else {
			apply(to, WAKE_EVENT_PURGED, "purge", 20, json_pack("{ss}", "run_id", RUN_A));
			apply(from, WAKE_EVENT_PURGED, "purge", 20, json_pack("{ss}", "run_id", RUN_B));
		}
		assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
		if (trimmed)
			assert_int_equal(
			    sqlite3_exec(db,
			        "update workflow_events set payload = null where type <> 'purged'", NULL,
			        NULL, NULL),
			    SQLITE_OK);
		assert_int_equal(sqlite3_close(db), SQLITE_OK);
		assert_ok(wake_copy_run(&copy, &err));
		measure(to, 0, false);
		assert_ok(wake_copy_compare(&copy, &comparison, &err));
		if (trimmed == 0)
			assert_true(comparison.equal);
		wake_store_close(from);
		wake_store_close(to);
		assert_ok(wake_purge_file(copied, &err));
		assert_false(file_has(state, names[trimmed][1], WORD));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_file_forgets, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_copy_forgets, scratch_make, scratch_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
