/* SPDX-License-Identifier: MIT */
/* Retention: what goes, what stays, and when. */
#include "store_file.h"

#include <sqlite3.h>

#include "base/fs.h"
#include "store/feed.h"
#include "store/record.h"
#include "store/trim.h"

#define LATER ((T0 + 1000) * WAKE_SECOND)

static int64_t number_of(void *const *state, const char *text)
{
	char *path = scratch_path(state, "trim.db");
	sqlite3_stmt *stmt;
	int64_t number = -1;
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, text, -1, &stmt, NULL), SQLITE_OK);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		number = sqlite3_column_int64(stmt, 0);
	assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	free(path);
	return number;
}

static struct wake_store *open_with_history(void *const *state)
{
	wake_auto_events struct wake_events history = { 0 };
	struct wake_store *store = open_file(state, "trim.db");

	make_history(&history);
	assert_ok(wake_record_apply(store, &history, &err));
	return store;
}

static int64_t blank(struct wake_store *store, int64_t before)
{
	char id[WAKE_ID_SIZE] = "";
	int64_t blanked = -1;

	assert_ok(wake_trim_payloads(store, before, SIZE_MAX, id, &blanked, &err));
	assert_string_equal(id, "");
	return blanked;
}

static void what_is_old_goes_and_ids_stay(void **state)
{
	wake_auto_events struct wake_events again = { 0 };
	struct wake_store *store = open_with_history(state);
	int64_t events = number_of(state, "select count(*) from workflow_events");
	int64_t runs = number_of(state, "select count(*) from workflow_runs");
	int64_t old =
	    number_of(state, "select count(*) from workflow_events where at < '2027-01-15T08:00:05'");
	int64_t blanked = blank(store, (T0 + 5) * WAKE_SECOND);

	assert_in_range(blanked, 1, old);
	assert_int_equal(
	    number_of(state, "select count(*) from workflow_events where payload is null"), blanked);
	assert_int_equal(
	    number_of(state, "select count(*) from workflow_events where payload is null and at >= "
	                     "'2027-01-15T08:00:05'"),
	    0);
	assert_int_equal(blank(store, (T0 + 5) * WAKE_SECOND), 0);
	/* Told again, they are known. */
	make_history(&again);
	assert_ok(wake_record_apply(store, &again, &err));
	assert_int_equal(number_of(state, "select count(*) from workflow_events"), events);
	assert_int_equal(
	    number_of(state, "select count(*) from workflow_events where payload is null"), blanked);
	assert_int_equal(number_of(state, "select count(*) from workflow_runs"), runs);
	wake_store_close(store);
}

static void what_is_still_to_be_read_stays(void **state)
{
	struct wake_store *store = open_with_history(state);
	wake_auto_events struct wake_events more = { 0 };

	moved(&more, "unexamined", TREE_A, T0 + 1, T0 + 0.39, hash('7'), hash('8'), "commit");
	assert_ok(wake_record_apply(store, &more, &err));
	(void)number_of(state, "update workflow_events set folded_at = null where id = (select min(id) from "
	                       "workflow_events where type = "
	                       "'heartbeat')");
	assert_true(blank(store, LATER) > 50);
	assert_int_equal(
	    number_of(state,
	        "select count(*) from workflow_events e join workflow_movements m on m.id = e.id "
	        "where e.payload is not null and m.examined"),
	    0);
	assert_int_equal(
	    number_of(state,
	        "select count(*) from workflow_events e join workflow_movements m on m.id = e.id "
	        "where e.payload is not null and not m.examined"),
	    number_of(state, "select count(*) from workflow_movements where not examined"));
	assert_true(number_of(state, "select count(*) from workflow_movements where not examined") >= 1);
	assert_int_equal(
	    number_of(state, "select count(*) from workflow_events where type = 'edited' and payload is "
	                     "not null"),
	    1);
	assert_int_equal(
	    number_of(state,
	        "select count(*) from workflow_events where type = 'heartbeat' and payload is not null"),
	    1);
	wake_store_close(store);
}

/* A team's database that was away for longer than payloads are kept is told them all the same. */
static void what_is_still_to_be_told_stays(void **state)
{
	struct wake_store *store = open_with_history(state);
	int64_t unfed;

	assert_ok(wake_feed_set(store, "postgresql:///team", &err));
	unfed = number_of(state, "select count(*) from workflow_unfed");
	assert_true(unfed > 50);
	assert_int_equal(blank(store, LATER), number_of(state, "select count(*) from workflow_edit_hints where done"));
	(void)number_of(state, "update workflow_unfed set refused = 'why' where event_id = (select e.id from "
	                       "workflow_events e where type = 'heartbeat')");
	assert_int_equal(blank(store, LATER), 1);
	assert_int_equal(
	    number_of(state, "select count(*) from workflow_unfed u join workflow_events e on e.id = u.event_id "
	                     "where u.refused is null and e.payload is null"),
	    0);
	(void)number_of(state, "delete from workflow_unfed");
	assert_true(blank(store, LATER) > 50);
	wake_store_close(store);
}

static void a_long_ledger_is_gone_through_in_pieces(void **state)
{
	struct wake_store *store = open_file(state, "trim.db");
	wake_auto_events struct wake_events history = { 0 };
	char id[WAKE_ID_SIZE] = "";
	int64_t blanked = 0, total = 0;
	unsigned turns = 0;

	for (int i = 0; i < 12000; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "gap %d", i);
		add(&history, WAKE_EVENT_GAP, name, T0 * WAKE_SECOND,
		    json_pack("{ss ss}", "repository_id", REPO, "reason", "log-lost"));
	}
	assert_ok(wake_record_apply(store, &history, &err));
	do {
		assert_ok(wake_trim_payloads(store, LATER, 1, id, &blanked, &err));
		assert_in_range(blanked, 0, 5000);
		total += blanked;
		turns++;
	} while (*id);
	assert_int_equal(turns, 3);
	assert_int_equal(total, 12000);
	wake_store_close(store);
}

static struct wake_trimmed trim(struct wake_store *store, const struct wake_paths *paths, bool all)
{
	struct wake_trimmed trimmed = { .payloads = -1 };

	assert_ok(wake_trim(store, paths, all, &trimmed, &err));
	return trimmed;
}

/* The history is of 2027: as the test's clock goes, all of it is old or none. */
static void the_settings_say_when(void **state)
{
	char *config = scratch_path(state, "config"), *stamp = scratch_path(state, "trimmed");
	struct wake_paths paths = { .state = *state, .config = config };
	struct wake_store *store = open_with_history(state);

	(void)number_of(state, "update workflow_events set at = '2020-01-01T00:00:00.000000Z'");
	/* A purged run is looked after whatever the settings say. */
	(void)number_of(state, "update workflow_runs set purged_at = null");
	assert_int_equal(trim(store, &paths, true).payloads, 0);
	assert_false(wake_fs_is_file(stamp));
	scratch_write(config, "[runwake]\n\tpayloaddays = 10000\n\tkeepdays = 10000\n");
	assert_int_equal(trim(store, &paths, true).payloads, 0);
	scratch_write(config, "[runwake]\n\tpayloaddays = 30\n");
	/* It was gone through just now: not due. */
	assert_int_equal(trim(store, &paths, false).payloads, 0);
	scratch_write(stamp, "2020-01-01T00:00:00.000000Z\n2020-01-01T00:00:00.000000Z\n-\n");
	assert_true(trim(store, &paths, false).payloads > 50);
	assert_int_equal(trim(store, &paths, true).payloads, 0);
	scratch_write(stamp, "what is this?");
	assert_int_equal(trim(store, &paths, false).payloads, 0);
	assert_int_equal(trim(store, &paths, false).more, false);
	scratch_write(config, "[runwake]\n\tpayloaddays = soon\n");
	assert_int_equal(wake_trim(store, &paths, true, &(struct wake_trimmed){ 0 }, &err), WAKE_INVALID);
	wake_store_close(store);
	free(config);
	free(stamp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(what_is_old_goes_and_ids_stay),
		scratch_test(what_is_still_to_be_read_stays),
		scratch_test(what_is_still_to_be_told_stays),
		scratch_test(a_long_ledger_is_gone_through_in_pieces),
		scratch_test(the_settings_say_when),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
