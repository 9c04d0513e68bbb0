/* SPDX-License-Identifier: MIT */
/* base/error: codes, texts, and where a long text is cut. */
#include "base/error.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static void fills_code_and_text(void **state)
{
	struct wake_error err = { .sys = 99 };

	(void)state;
	assert_int_equal(wake_fail(&err, WAKE_INVALID, "no run '%s'", "x"), WAKE_INVALID);
	assert_int_equal(err.code, WAKE_INVALID);
	assert_int_equal(err.sys, 0);
	assert_string_equal(err.text, "no run 'x'");
	assert_int_equal(wake_fail_nomem(&err), WAKE_NOMEM);
	assert_int_equal(err.code, WAKE_NOMEM);
	assert_string_not_equal(err.text, "");
}

static void maps_errno(void **state)
{
	static const struct {
		int sys;
		int code;
	} cases[] = {
		{ ENOENT, WAKE_NOTFOUND },
		{ ENOTDIR, WAKE_NOTFOUND },
		{ EEXIST, WAKE_EXISTS },
		{ EAGAIN, WAKE_BUSY },
		{ EBUSY, WAKE_BUSY },
		{ ENOMEM, WAKE_NOMEM },
		{ EACCES, WAKE_SYSTEM },
		{ ENOSPC, WAKE_SYSTEM },
	};
	struct wake_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		errno = cases[i].sys;
		assert_int_equal(wake_fail_errno(&err, "open '%s'", "a"), cases[i].code);
		assert_int_equal(err.code, cases[i].code);
		assert_int_equal(err.sys, cases[i].sys);
	}
	assert_string_equal(err.text, "open 'a': No space left on device");
}

static void prefix_keeps_code_and_errno(void **state)
{
	struct wake_error err;

	(void)state;
	errno = ENOENT;
	(void)wake_fail_errno(&err, "open 'a'");
	assert_int_equal(wake_error_prefix(&err, "spool %d", 7), WAKE_NOTFOUND);
	assert_int_equal(err.sys, ENOENT);
	assert_string_equal(err.text, "spool 7: open 'a': No such file or directory");
}

static void own_text_may_be_an_argument(void **state)
{
	struct wake_error err;

	(void)state;
	(void)wake_fail(&err, WAKE_BUSY, "inner");
	(void)wake_fail(&err, WAKE_INVALID, "outer: %s", err.text);
	assert_string_equal(err.text, "outer: inner");
}

/* Whatever the offset, a cut never leaves half a character. */
static void cuts_between_characters(void **state)
{
	static const char *const characters[] = { "a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x90\x84" };
	struct wake_error err;

	(void)state;
	for (size_t width = 1; width <= 4; width++) {
		for (size_t shift = 0; shift < width; shift++) {
			char text[1024] = "";

			memset(text, 'x', shift);
			for (size_t len = shift; len < 1000; len += width)
				memcpy(text + len, characters[width - 1], width + 1);
			(void)wake_fail(&err, WAKE_INVALID, "%s", text);
			assert_true(strlen(err.text) > WAKE_ERROR_TEXT_SIZE - 1 - width);
			assert_true(wake_text_is_utf8(err.text, strlen(err.text)));
			assert_memory_equal(err.text, text, strlen(err.text));
		}
	}
}

static void a_whole_last_character_stays(void **state)
{
	struct wake_error err;
	char text[WAKE_ERROR_TEXT_SIZE];

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text + sizeof(text) - 4, "\xe2\x82\xac", 4);
	(void)wake_fail(&err, WAKE_INVALID, "%s%s", text, "y");
	assert_string_equal(err.text, text);
}

static void a_long_name_leaves_the_reason(void **state)
{
	struct wake_error err;
	char name[2000];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	errno = EACCES;
	(void)wake_fail_errno(&err, "open '%s'", name);
	assert_non_null(strstr(err.text, ": Permission denied"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_code_and_text),
		cmocka_unit_test(maps_errno),
		cmocka_unit_test(prefix_keeps_code_and_errno),
		cmocka_unit_test(own_text_may_be_an_argument),
		cmocka_unit_test(cuts_between_characters),
		cmocka_unit_test(a_whole_last_character_stays),
		cmocka_unit_test(a_long_name_leaves_the_reason),
	};

	return cmocka_run_group_tests_name("base/error", tests, NULL, NULL);
}
