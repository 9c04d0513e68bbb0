/* SPDX-License-Identifier: MIT */
/* base/scope: what leaves its scope is given back, and errno survives. */
#include "base/scope.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void closes_and_keeps_errno(void **state)
{
	int seen = -1;

	(void)state;
	{
		wake_auto_close int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

		assert_true(fd >= 0);
		seen = fd;
		errno = EXDEV;
	}
	assert_int_equal(errno, EXDEV);
	assert_int_equal(fcntl(seen, F_GETFD), -1);
	assert_int_equal(errno, EBADF);
}

static void closes_a_directory(void **state)
{
	int seen = -1;

	(void)state;
	{
		wake_auto_closedir DIR *dir = opendir("/");

		assert_non_null(dir);
		seen = dirfd(dir);
		errno = EXDEV;
	}
	assert_int_equal(errno, EXDEV);
	assert_int_equal(fcntl(seen, F_GETFD), -1);
}

/* LeakSanitizer and valgrind see to it that this frees. */
static void frees(void **state)
{
	(void)state;
	{
		wake_auto_free char *text = malloc(10);

		assert_non_null(text);
	}
}

static void nothing_held_is_nothing_done(void **state)
{
	(void)state;
	errno = 0;
	{
		wake_auto_close int fd = -1;
		wake_auto_closedir DIR *dir = NULL;
		wake_auto_free char *text = NULL;

		(void)fd;
		(void)dir;
		(void)text;
	}
	assert_int_equal(errno, 0);
}

static void counts_items(void **state)
{
	int items[7];

	(void)state;
	assert_int_equal(WAKE_COUNT(items), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closes_and_keeps_errno),
		cmocka_unit_test(closes_a_directory),
		cmocka_unit_test(frees),
		cmocka_unit_test(nothing_held_is_nothing_done),
		cmocka_unit_test(counts_items),
	};

	return cmocka_run_group_tests_name("base/scope", tests, NULL, NULL);
}
