/* SPDX-License-Identifier: MIT */
/* store/record: a recorder that stays from round to round. */
#include "store/record.h"

#include "../base/scratch.h"
#include "event/spool.h"

#define REPOSITORY "0198f0c2-7d3a-7bcd-8e12-0123456789ab"

static struct wake_error err;

#define assert_ok(call)                                                                                      \
	do {                                                                                                 \
		if ((call) != WAKE_OK)                                                                       \
			fail_msg("%s: %s", #call, err.text);                                                 \
	} while (0)

static void recorder_release(struct wake_recorder **recorder)
{
	wake_recorder_close(*recorder);
}
#define auto_recorder WAKE_CLEANUP(recorder_release) struct wake_recorder *

static void find(void *const *state, struct wake_paths *paths)
{
	wake_auto_free char *dir = scratch_path(state, "state"), *config = scratch_path(state, "config");

	assert_int_equal(setenv("XDG_STATE_HOME", dir, 1), 0);
	assert_int_equal(setenv("XDG_CONFIG_HOME", config, 1), 0);
	assert_int_equal(unsetenv("RUNWAKE_STORE"), 0);
	assert_ok(wake_paths_find(paths, &err));
}

static void spool_gap(const struct wake_paths *paths)
{
	wake_auto_events struct wake_events events = { 0 };
	struct wake_event event = { 0 };

	assert_ok(wake_event_make(WAKE_EVENT_GAP, NULL, 0,
	    json_pack("{ss,ss}", "repository_id", REPOSITORY, "reason", "test"), &event, &err));
	assert_ok(wake_events_add(&events, &event, &err));
	assert_ok(wake_spool_append(paths->spool, &events, false, &err));
}

static size_t record(struct wake_recorder *recorder)
{
	const struct wake_record_options options = { .wait = true };
	struct wake_recorded recorded = { 0 };

	assert_ok(wake_recorder_round(recorder, &options, &recorded, &err));
	assert_false(recorded.left_to_another);
	assert_string_equal(recorded.problem, "");
	return recorded.events;
}

static void one_recorder_does_many_rounds(void **state)
{
	wake_auto_paths struct wake_paths paths = { 0 };
	auto_recorder recorder = NULL;

	find(state, &paths);
	assert_ok(wake_recorder_open(&paths, &recorder, &err));
	assert_int_equal(record(recorder), 0);
	spool_gap(&paths);
	spool_gap(&paths);
	assert_int_equal(record(recorder), 2);
	assert_int_equal(record(recorder), 0);
	wake_recorder_rest(recorder);
	wake_recorder_rest(recorder);
	spool_gap(&paths);
	assert_int_equal(record(recorder), 1);
	assert_false(wake_spool_has_events(paths.spool));
}

/* SQLite goes on writing into a file that has no name any more. */
static void a_store_that_was_removed_is_made_anew(void **state)
{
	wake_auto_paths struct wake_paths paths = { 0 };
	wake_auto_free char *file = NULL;
	auto_recorder recorder = NULL;

	find(state, &paths);
	assert_ok(wake_store_locate_file(&paths, &file, &err));
	assert_ok(wake_recorder_open(&paths, &recorder, &err));
	spool_gap(&paths);
	assert_int_equal(record(recorder), 1);
	assert_int_equal(unlink(file), 0);
	spool_gap(&paths);
	assert_int_equal(record(recorder), 1);
	assert_int_equal(access(file, F_OK), 0);
}

static void one_that_does_not_wait_leaves_it_to_another(void **state)
{
	const struct wake_record_options options = { .wait = false };
	wake_auto_paths struct wake_paths paths = { 0 };
	struct wake_recorded recorded = { 0 };
	auto_recorder recorder = NULL;
	wake_auto_close int lock = -1;

	find(state, &paths);
	spool_gap(&paths);
	assert_ok(wake_recorder_open(&paths, &recorder, &err));
	assert_ok(wake_spool_lock(paths.spool, false, &lock, &err));
	assert_ok(wake_recorder_round(recorder, &options, &recorded, &err));
	assert_true(recorded.left_to_another);
	assert_int_equal(recorded.events, 0);
	assert_int_equal(wake_record(&paths, &options, &recorded, &err), WAKE_BUSY);
	assert_true(wake_spool_has_events(paths.spool));
	assert_int_equal(close(lock), 0);
	lock = -1;
	assert_int_equal(record(recorder), 1);
}

static void a_failure_loses_nothing(void **state)
{
	const struct wake_record_options options = { .wait = true };
	wake_auto_paths struct wake_paths paths = { 0 };
	struct wake_recorded recorded = { 0 };
	auto_recorder recorder = NULL;

	find(state, &paths);
	spool_gap(&paths);
	assert_ok(wake_recorder_open(&paths, &recorder, &err));
	assert_int_equal(setenv("RUNWAKE_STORE", "sqlite:/proc/self/nowhere.db", 1), 0);
	assert_int_not_equal(wake_recorder_round(recorder, &options, &recorded, &err), WAKE_OK);
	assert_true(wake_spool_has_events(paths.spool));
	assert_int_equal(unsetenv("RUNWAKE_STORE"), 0);
	assert_int_equal(record(recorder), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(one_recorder_does_many_rounds),
		scratch_test(a_store_that_was_removed_is_made_anew),
		scratch_test(one_that_does_not_wait_leaves_it_to_another),
		scratch_test(a_failure_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
