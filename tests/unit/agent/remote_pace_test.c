/* SPDX-License-Identifier: MIT */
/* agent/remote_pace: back-off, jitter, Retry-After and patience, with a clock of the test's own. */
#include "agent/remote_pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"

static int64_t waits(struct wake_remote_pace *pace, enum wake_remote_answer answer, int64_t retry_after, uint32_t random)
{
	int64_t next = 0;

	(void)wake_remote_pace_next(pace, answer, retry_after, WAKE_SECOND, random, 0, &next);
	return next;
}

static void calm_grows_to_a_minute_and_trouble_to_ten(void **state)
{
	struct wake_remote_pace pace = { 0 };
	int64_t wait = 0;

	(void)state;
	assert_in_range(waits(&pace, WAKE_REMOTE_NO_NEWS, 0, 0), WAKE_SECOND, 3 * WAKE_SECOND);
	for (int i = 0; i < 10; i++)
		wait = waits(&pace, WAKE_REMOTE_NO_NEWS, 0, 999);
	assert_in_range(wait, 60 * WAKE_SECOND, 75 * WAKE_SECOND);
	for (int i = 0; i < 10; i++)
		wait = waits(&pace, WAKE_REMOTE_TROUBLE, 0, 0);
	assert_int_equal(wait, 450 * WAKE_SECOND);
	assert_in_range(waits(&pace, WAKE_REMOTE_NEWS, 0, 500), WAKE_SECOND, 3 * WAKE_SECOND);
}

static void retry_after_is_kept_and_bounded(void **state)
{
	struct wake_remote_pace pace = { 0 };

	(void)state;
	assert_int_equal(waits(&pace, WAKE_REMOTE_TROUBLE, 90, 0), 90 * WAKE_SECOND);
	assert_int_equal(waits(&pace, WAKE_REMOTE_TROUBLE, INT64_MAX / 2, 0), 3600 * WAKE_SECOND);
}

static void patience_ends_and_a_good_answer_renews_it(void **state)
{
	struct wake_remote_pace pace = { 0 };
	int64_t next, now = 5, patience = 100 * WAKE_SECOND;

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_true(wake_remote_pace_next(&pace, WAKE_REMOTE_REFUSAL, 0, patience, 0, now + 200 * i * WAKE_SECOND, &next));
	assert_false(wake_remote_pace_next(&pace, WAKE_REMOTE_REFUSAL, 0, patience, 0, now + 300 * WAKE_SECOND, &next));
	assert_true(wake_remote_pace_next(&pace, WAKE_REMOTE_NO_NEWS, 0, patience, 0, now + 301 * WAKE_SECOND, &next));
	for (int i = 0; i < 9; i++)
		assert_true(
		    wake_remote_pace_next(&pace, WAKE_REMOTE_REFUSAL, 0, patience, 0, now + (302 + i) * WAKE_SECOND, &next));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calm_grows_to_a_minute_and_trouble_to_ten),
		cmocka_unit_test(retry_after_is_kept_and_bounded),
		cmocka_unit_test(patience_ends_and_a_good_answer_renews_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
