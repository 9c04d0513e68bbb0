/* SPDX-License-Identifier: MIT */
/* A loop for a test: turned until a condition holds, and a failure where it does not in time. */
#ifndef WAKE_TEST_TURNING_H
#define WAKE_TEST_TURNING_H

#include "../base/scratch.h"
#include "base/clock.h"
#include "watcher/loop.h"

#define TURNING_LONGEST (60 * WAKE_SECOND)

struct turning {
	struct wake_loop *loop;
	struct wake_timer timer;
	bool (*done)(void *context);
	void *context;
	int64_t latest;
	bool late;
};

/* Asks once a millisecond: a test waits for no event of its own. */
static inline void turning_check(void *context)
{
	struct turning *turning = context;
	struct wake_error err;
	int64_t now = wake_clock_monotonic();

	turning->late = now > turning->latest;
	if (turning->late || turning->done(turning->context))
		wake_loop_stop(turning->loop);
	else
		assert_int_equal(
		    wake_loop_timer_set(turning->loop, &turning->timer, now + 1000, &err), WAKE_OK);
}

static inline bool turn_until(struct wake_loop *loop, bool (*done)(void *context), void *context)
{
	struct turning turning = { .loop = loop,
		.done = done,
		.context = context,
		.latest = wake_clock_monotonic() + TURNING_LONGEST };
	struct wake_error err;

	turning.timer = (struct wake_timer){ .rung = turning_check, .context = &turning };
	assert_int_equal(wake_loop_timer_set(loop, &turning.timer, 0, &err), WAKE_OK);
	assert_int_equal(wake_loop_run(loop, &err), WAKE_OK);
	wake_loop_timer_clear(loop, &turning.timer);
	return !turning.late;
}

static inline int turning_make(void **state)
{
	struct wake_error err;

	return wake_loop_new((struct wake_loop **)state, &err);
}

static inline int turning_end(void **state)
{
	wake_loop_free(*state);
	return 0;
}

#define loop_test(fn) cmocka_unit_test_setup_teardown(fn, turning_make, turning_end)

#endif
