/* SPDX-License-Identifier: MIT */
/* event/spool: why the latest recording failed, and that hooks pause after it. */
#include <fcntl.h>
#include <sys/stat.h>

#include "../base/scratch.h"
#include "base/clock.h"
#include "base/fs.h"
#include "event/spool.h"

static struct wake_error err;

#define assert_ok(call)                                                                                      \
	do {                                                                                                 \
		if ((call) != WAKE_OK)                                                                       \
			fail_msg("%s: %s", #call, err.text);                                                 \
	} while (0)

static void assert_told(const char *spool, const char *expected)
{
	wake_auto_free char *text = NULL;

	assert_ok(wake_spool_read_failure(spool, &text, &err));
	if (expected)
		assert_string_equal(text, expected);
	else
		assert_null(text);
}

static void is_told_until_one_succeeds(void **state)
{
	wake_auto_free char *spool = scratch_path(state, "spool");

	assert_int_equal(mkdir(spool, 0700), 0);
	assert_told(spool, NULL);
	wake_spool_note_failure(spool, "the store is away");
	assert_told(spool, "the store is away");
	wake_spool_note_failure(spool, "the disk is full");
	assert_told(spool, "the disk is full");
	wake_spool_note_failure(spool, NULL);
	wake_spool_note_failure(spool, NULL);
	assert_told(spool, NULL);
}

static void nothing_can_be_written_is_no_failure(void **state)
{
	wake_auto_free char *spool = scratch_path(state, "nowhere");

	wake_spool_note_failure(spool, "the store is away");
	assert_told(spool, NULL);
	assert_false(wake_spool_failed_lately(spool));
}

/* Microseconds from now. */
static void date(const char *spool, int64_t from_now)
{
	wake_auto_free char *path = NULL;
	int64_t at = wake_clock_now() + from_now;
	const struct timespec times[2] = { { .tv_sec = at / WAKE_SECOND }, { .tv_sec = at / WAKE_SECOND } };

	assert_ok(wake_fs_join(spool, "failure", &path, &err));
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void lately_is_a_moment_ago(void **state)
{
	wake_auto_free char *spool = scratch_path(state, "spool");

	assert_int_equal(mkdir(spool, 0700), 0);
	assert_false(wake_spool_failed_lately(spool));
	wake_spool_note_failure(spool, "the store is away");
	assert_true(wake_spool_failed_lately(spool));
	date(spool, -3 * WAKE_SPOOL_PAUSE);
	assert_false(wake_spool_failed_lately(spool));
	/* A clock that was set back must not stop recorders for good. */
	date(spool, 3600 * WAKE_SECOND);
	assert_false(wake_spool_failed_lately(spool));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(is_told_until_one_succeeds, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    nothing_can_be_written_is_no_failure, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(lately_is_a_moment_ago, scratch_make, scratch_remove),
	};

	return cmocka_run_group_tests_name("spool_failure", tests, NULL, NULL);
}
