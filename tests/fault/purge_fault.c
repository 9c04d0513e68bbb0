/* SPDX-License-Identifier: MIT */
/* A purge when memory or the disk fails at any one call: a run is blanked whole or not at all, what others
 * need is never touched, and the next purge ends it. */
#include "../unit/store/states.h"

#include <errno.h>

#include "git/kept.h"
#include "store/purge.h"
#include "wrap.h"

#define NTH_MAX 20000 /* a loop that has not ended by then never will */
#define STEP 3        /* one in so many allocations fails: all of them would take minutes */
#define RUN "r"
#define OTHER "other"
#define WORD "Kaleidoskop"

static struct wake_error err;

/* What the ledger holds of the run's words. */
static int64_t events_left(struct wake_store *store)
{
	struct wake_purge_extent extent;
	char run[WAKE_ID_SIZE];

	wake_id_for_run(RUN, run);
	assert_ok(wake_purge_measure(store, run, &extent, &err));
	return extent.events;
}

/* nth: the allocation that fails while it is recorded; 0: none does. ret_fired: whether it came to that. */
static int tell_failing(struct wake_store *store, enum wake_event_type type, int number, json_t *data,
    unsigned long nth, bool *ret_fired)
{
	int status;

	wake_auto_events struct wake_events events = { 0 };
	struct wake_event event;

	assert_ok(wake_event_make(type, state_id(number), T0 + number * WAKE_SECOND, data, &event, &err));
	assert_ok(wake_events_add(&events, &event, &err));
	if (nth > 0)
		wrap_fail(WRAP_MEMORY, nth, ENOMEM);
	status = wake_record_apply(store, &events, &err);
	*ret_fired = wrap_stop();
	return status;
}

static int tell(struct wake_store *store, enum wake_event_type type, int number, json_t *data)
{
	bool fired;

	return tell_failing(store, type, number, data, 0, &fired);
}

static void tell_of_it(struct wake_store *store)
{
	assert_ok(tell(store, WAKE_EVENT_RUN_STARTED, 1,
	    json_pack("{ss ss ss s{ss}}", "run_id", RUN, "workflow", "fix", "task", WORD, "metadata", "note",
	        WORD)));
	assert_ok(tell(store, WAKE_EVENT_RUN_ENDED, 2,
	    json_pack("{ss ss sb ss}", "run_id", RUN, "status", "failed", "reported", 1, "error", WORD)));
	assert_ok(tell(store, WAKE_EVENT_RUN_IMPORTED, 3,
	    json_pack("{ss ss ss ss ss}", "run_id", RUN, "source", "workflow_runs", "status", "failed",
	        "task_input", WORD, "created_at", "2027-01-15T08:00:00Z")));
}

static int64_t rows_with_the_word(void *const *state)
{
	wake_auto_free char *path = scratch_path(state, "store.db");
	sqlite3_stmt *stmt = NULL;
	sqlite3 *db = NULL;
	int64_t rows;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_prepare_v2(db,
	        "select (select count(*) from workflow_runs where task_input || coalesce(error_message, '') "
	        "|| "
	        "coalesce(metadata, '') like '%" WORD
	        "%') + (select count(*) from workflow_events where payload "
	        "like '%" WORD "%') + (select count(*) from workflow_imports where data like '%" WORD "%') + "
	        "(select count(*) from messages where text_content like '%" WORD "%')",
	        -1, &stmt, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	rows = sqlite3_column_int64(stmt, 0);
	assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return rows;
}

static void a_run_is_blanked_whole_or_not_at_all(void **state)
{
	wake_auto_store struct wake_store *store = states_open(state);
	bool fired = true;
	int64_t rows;

	tell_of_it(store);
	assert_int_equal(events_left(store), 3);
	rows = rows_with_the_word(state);
	assert_true(rows >= 5);
	for (unsigned long nth = 1; fired; nth += STEP) {
		int status =
		    tell_failing(store, WAKE_EVENT_PURGED, 4, json_pack("{ss}", "run_id", RUN), nth, &fired);

		if (status != (fired ? WAKE_NOMEM : WAKE_OK))
			fail_msg("call %lu: %d %s", nth, status, err.text);
		assert_int_equal(events_left(store), fired ? 3 : 0);
		assert_int_equal(rows_with_the_word(state), fired ? rows : 0);
		assert_true(nth < NTH_MAX);
	}
}

/* What is told of it later, and fails for a while, is blanked when it comes. */
static void the_gate_lets_nothing_through(void **state)
{
	wake_auto_store struct wake_store *store = states_open(state);
	bool fired = true;

	tell_of_it(store);
	assert_ok(tell(store, WAKE_EVENT_PURGED, 4, json_pack("{ss}", "run_id", RUN)));
	for (unsigned long nth = 1; fired; nth += STEP) {
		json_t *data = json_pack(
		    "{ss ss sb ss}", "run_id", RUN, "status", "killed", "reported", 1, "result", WORD);
		int status = tell_failing(store, WAKE_EVENT_RUN_ENDED, 5, data, nth, &fired);

		if (status != (fired ? WAKE_NOMEM : WAKE_OK))
			fail_msg("call %lu: %d %s", nth, status, err.text);
		assert_int_equal(rows_with_the_word(state), 0);
		assert_true(nth < NTH_MAX);
	}
}

static void rows_of_a_copy_are_blanked_again(void **state)
{
	wake_auto_store struct wake_store *store = states_open(state);
	bool fired = true;

	tell_of_it(store);
	assert_ok(tell(store, WAKE_EVENT_PURGED, 4, json_pack("{ss}", "run_id", RUN)));
	states_put(state, "update workflow_runs set task_input = '" WORD "'");
	for (unsigned long nth = 1; fired; nth += STEP) {
		int status;

		wrap_fail(WRAP_MEMORY, nth, ENOMEM);
		status = wake_purge_again(store, &err);
		fired = wrap_stop();
		if (status != (fired ? WAKE_NOMEM : WAKE_OK))
			fail_msg("call %lu: %d %s", nth, status, err.text);
		/* Each run in a transaction of its own: it may fail behind the last. */
		assert_in_range(rows_with_the_word(state), 0, fired ? 1 : 0);
		assert_true(nth < NTH_MAX);
	}
}

/* ---- kept contents ----------------------------------------------------------------------------- */

struct contents {
	char shared[WAKE_HASH_SIZE], needed[WAKE_HASH_SIZE], gone[WAKE_HASH_SIZE]; /* blobs */
	char needed_tree[WAKE_HASH_SIZE], gone_tree[WAKE_HASH_SIZE];
};

static void add_blob(struct wake_kept *kept, const char *text, char id[WAKE_HASH_SIZE])
{
	int64_t written;

	assert_ok(wake_kept_add_blob(kept, text, strlen(text), id, &written, &err));
}

static void add_tree(struct wake_kept *kept, const char *one, const char *other, char tree[WAKE_HASH_SIZE])
{
	const struct wake_kept_entry entries[] = { { "a", one, 0100644 }, { "dir/b", other, 0100644 } };

	assert_ok(wake_kept_make_tree(kept, "", entries, WAKE_COUNT(entries), tree, &err));
}

/* Two states that have one content in common. */
static void keep(const struct wake_paths *paths, struct contents *contents)
{
	wake_auto_kept struct wake_kept *kept = NULL;

	assert_ok(wake_kept_open(paths, REPO, true, &kept, &err));
	add_blob(kept, "shared", contents->shared);
	add_blob(kept, "needed", contents->needed);
	add_blob(kept, WORD, contents->gone);
	add_tree(kept, contents->shared, contents->needed, contents->needed_tree);
	add_tree(kept, contents->shared, contents->gone, contents->gone_tree);
	assert_ok(wake_kept_sync(kept, &err));
}

static void expect_kept(const struct wake_paths *paths, const struct contents *contents, bool is_purged)
{
	wake_auto_kept struct wake_kept *kept = NULL;

	assert_ok(wake_kept_open(paths, REPO, false, &kept, &err));
	assert_true(wake_kept_has(kept, contents->shared));
	assert_true(wake_kept_has(kept, contents->needed));
	assert_true(wake_kept_has(kept, contents->needed_tree));
	if (is_purged) {
		assert_false(wake_kept_has(kept, contents->gone));
		assert_false(wake_kept_has(kept, contents->gone_tree));
	}
}

static void tell_states(struct wake_store *store, const struct contents *contents)
{
	states_start(store, RUN, 0);
	states_start(store, OTHER, 50);
	states_add(store, 1, 1,
	    json_pack("{ss ss si}", "run_id", RUN, "kept_new", contents->gone_tree, "kept_bytes", 1));
	states_add(store, 2, 51,
	    json_pack("{ss ss si}", "run_id", OTHER, "kept_new", contents->needed_tree, "kept_bytes", 1));
	assert_ok(tell(store, WAKE_EVENT_PURGED, 60, json_pack("{ss}", "run_id", RUN)));
}

/* Whatever fails: what another run needs is there, and once nothing fails the purged run's contents are not.
 */
static unsigned long purge_kept_through(
    struct wake_store *store, const struct wake_paths *paths, enum wrap_call call)
{
	struct contents contents = { 0 };
	unsigned long failures = 0;
	bool fired = true;

	for (unsigned long nth = 1; fired; nth++) {
		int64_t repositories = 0;
		int status;

		keep(paths, &contents);
		wrap_fail(call, nth, call == WRAP_MEMORY ? ENOMEM : ENOSPC);
		status = wake_purge_kept(store, paths, &repositories, &err);
		fired = wrap_stop();
		failures += fired;
		if (status != WAKE_OK && !fired)
			fail_msg("%s %lu: %s", wrap_name(call), nth, err.text);
		expect_kept(paths, &contents, status == WAKE_OK);
		assert_ok(wake_purge_kept(store, paths, &repositories, &err));
		expect_kept(paths, &contents, true);
		assert_true(nth < NTH_MAX);
	}
	return failures;
}

/* In which order objects are removed is the directory's to say: the tree may have gone, and what is in it not. */
static void contents_go_without_their_tree(void **state)
{
	wake_auto_free char *place = scratch_path(state, "state");
	const struct wake_paths paths = { .state = place };
	wake_auto_store struct wake_store *store = states_open(state);
	struct contents contents = { 0 };
	int64_t repositories = 0;
	char tree[4096];

	keep(&paths, &contents);
	tell_states(store, &contents);
	wrap_fail(WRAP_UNLINK, 1, ENOSPC);
	assert_int_not_equal(wake_purge_kept(store, &paths, &repositories, &err), WAKE_OK);
	assert_true(wrap_stop());
	(void)snprintf(tree, sizeof(tree), "%s/kept/" REPO ".git/objects/%.2s/%s", place, contents.gone_tree,
	    contents.gone_tree + 2);
	assert_int_equal(unlink(tree), 0);
	assert_ok(wake_purge_kept(store, &paths, &repositories, &err));
	expect_kept(&paths, &contents, true);
}

static void contents_go_whatever_failed_before(void **state)
{
	wake_auto_free char *place = scratch_path(state, "state");
	const struct wake_paths paths = { .state = place };
	wake_auto_store struct wake_store *store = states_open(state);
	struct contents contents = { 0 };

	keep(&paths, &contents);
	tell_states(store, &contents);
	assert_true(purge_kept_through(store, &paths, WRAP_MEMORY) > 30);
	assert_true(purge_kept_through(store, &paths, WRAP_WRITE) > 0);
	assert_true(purge_kept_through(store, &paths, WRAP_SYNC) > 0);
	assert_true(purge_kept_through(store, &paths, WRAP_UNLINK) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(a_run_is_blanked_whole_or_not_at_all),
		scratch_test(the_gate_lets_nothing_through),
		scratch_test(rows_of_a_copy_are_blanked_again),
		scratch_test(contents_go_without_their_tree),
		scratch_test(contents_go_whatever_failed_before),
	};

	wrap_json();
	return cmocka_run_group_tests_name("purge_fault", tests, NULL, NULL);
}
