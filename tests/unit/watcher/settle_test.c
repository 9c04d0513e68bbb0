/* SPDX-License-Identifier: MIT */
/* watcher/settle: after quiet, at the latest in time, and never twice. */
#include "watcher/settle.h"

#include "../base/scratch.h"

static void nothing_is_due_at_first(void **state)
{
	struct wake_settle settle = { 0 };

	(void)state;
	assert_true(wake_settle_due(&settle) == INT64_MAX);
	assert_false(wake_settle_take(&settle, INT64_MAX));
}

static void one_edit_is_taken_after_quiet_and_once(void **state)
{
	struct wake_settle settle = { 0 };
	int64_t at = 5000000;

	(void)state;
	wake_settle_touch(&settle, at);
	assert_true(wake_settle_due(&settle) == at + WAKE_SETTLE_QUIET);
	assert_false(wake_settle_take(&settle, at));
	assert_false(wake_settle_take(&settle, at + WAKE_SETTLE_QUIET - 1));
	assert_true(wake_settle_take(&settle, at + WAKE_SETTLE_QUIET));
	assert_false(wake_settle_take(&settle, at + WAKE_SETTLE_QUIET));
	assert_true(wake_settle_due(&settle) == INT64_MAX);
	/* The next one begins anew: the first one's time is forgotten. */
	wake_settle_touch(&settle, at + 10000000);
	assert_true(wake_settle_due(&settle) == at + 10000000 + WAKE_SETTLE_QUIET);
}

/* Edits at every distance from 1 ms to 299 ms never come to rest by themselves. */
static void a_steady_stream_is_taken_at_the_latest(void **state)
{
	(void)state;
	for (int64_t step = 1000; step < WAKE_SETTLE_QUIET; step += 1000) {
		struct wake_settle settle = { 0 };
		int64_t first = 7, now;

		for (now = first; now < first + WAKE_SETTLE_LATEST; now += step) {
			assert_false(wake_settle_take(&settle, now));
			wake_settle_touch(&settle, now);
			assert_true(wake_settle_due(&settle) <= first + WAKE_SETTLE_LATEST);
		}
		assert_true(wake_settle_due(&settle) == first + WAKE_SETTLE_LATEST);
		assert_true(wake_settle_take(&settle, first + WAKE_SETTLE_LATEST));
	}
}

static void a_clock_that_went_back_takes_at_once(void **state)
{
	struct wake_settle settle = { 0 };

	(void)state;
	wake_settle_touch(&settle, 9000000);
	assert_true(wake_settle_take(&settle, 8999999));
	wake_settle_touch(&settle, 9000000);
	wake_settle_touch(&settle, 1000000);
	assert_true(wake_settle_due(&settle) == 1000000 + WAKE_SETTLE_QUIET);
	assert_false(wake_settle_take(&settle, 1000001));
	assert_true(wake_settle_take(&settle, 1000000 + WAKE_SETTLE_QUIET));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_due_at_first),
		cmocka_unit_test(one_edit_is_taken_after_quiet_and_once),
		cmocka_unit_test(a_steady_stream_is_taken_at_the_latest),
		cmocka_unit_test(a_clock_that_went_back_takes_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
