/* SPDX-License-Identifier: MIT */
/* git/diffstat_git: what git's output may look like, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "git/diffstat_inside.h"

#define ID "1111111111111111111111111111111111111111"
#define NONE "0000000000000000000000000000000000000000"

static int take(void *context, const struct wake_diff_record *record, struct wake_error *err)
{
	(void)err;
	wake_str_appendf(context, "%c %s<%s %o %o %.4s %lld %lld %d;", record->status, record->path,
	    record->old_path ? record->old_path : "", record->old_mode, record->new_mode, record->old_id,
	    (long long)record->added, (long long)record->removed, record->binary);
	return WAKE_OK;
}

static int parse(const char *data, size_t len, struct wake_str *said)
{
	struct wake_error err;

	return wake_diff_parse(data, len, take, said, &err);
}

static void test_records(void **state)
{
	static const char text[] =
	    ":100644 100755 " ID " " NONE " M\0a\0:000000 120000 " NONE " " NONE " A\0b\nc\0"
	    ":100644 100644 " ID " " ID " R090\0old\0new\0:100644 100644 " ID " " NONE " M\0touched\0"
	    ":100644 000000 " ID " " NONE " D\0\"\0"
	    "1\t2\ta\0001\t0\tb\nc\0003\t4\t\0old\0new\0-\t-\t\"\0";
	wake_auto_str struct wake_str said = WAKE_STR(4096);

	(void)state;
	assert_int_equal(parse(text, sizeof(text) - 1, &said), WAKE_OK);
	assert_string_equal(wake_str_text(&said),
	    "M a< 100644 100755 1111 1 2 0;A b\nc< 0 120000  1 0 0;R new<old 100644 100644 1111 3 4 0;"
	    "D \"< 100644 0 1111 0 0 1;");
	wake_str_clear(&said);
	assert_int_equal(parse("", 0, &said), WAKE_OK);
	assert_string_equal(wake_str_text(&said), "");
}

/* Cut anywhere, it comes to an end. */
static void test_output_that_is_cut_off(void **state)
{
	static const char text[] = ":100644 100644 " ID " " NONE " M\0a\0001\t2\ta\0";

	(void)state;
	for (size_t len = 1; len < sizeof(text) - 1; len++) {
		wake_auto_str struct wake_str said = WAKE_STR(4096);
		bool between = text[len] == '1' && text[len - 1] == '\0';

		assert_int_equal(parse(text, len, &said), between ? WAKE_OK : WAKE_UNAVAILABLE);
		assert_string_equal(wake_str_text(&said), "");
	}
}

static void test_output_that_is_none(void **state)
{
	static const char *const texts[] = { "1\t2\ta", ":", ":100644 100644 " ID " " ID " M", "x",
		":100644 100644 zz zz M" };
	wake_auto_str struct wake_str said = WAKE_STR(4096);

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(texts); i++)
		assert_int_equal(parse(texts[i], strlen(texts[i]) + 1, &said), WAKE_UNAVAILABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_output_that_is_cut_off),
		cmocka_unit_test(test_output_that_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
