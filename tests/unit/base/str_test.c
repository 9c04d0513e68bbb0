/* SPDX-License-Identifier: MIT */
/* base/str: appending, the maximum, the sticky failure, handing over. */
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void appends_of_every_kind(void **state)
{
	wake_auto_str struct wake_str str = WAKE_STR(1000);
	struct wake_error err;

	(void)state;
	assert_string_equal(wake_str_text(&str), "");
	wake_str_append(&str, "one");
	wake_str_append_char(&str, ' ');
	wake_str_append_bytes(&str, "two!", 3);
	wake_str_appendf(&str, " %d-%s", 3, "x");
	wake_str_appendf(&str, "%s", "");
	assert_int_equal(wake_str_check(&str, &err), WAKE_OK);
	assert_string_equal(wake_str_text(&str), "one two 3-x");
	assert_int_equal(str.len, 11);
}

static void holds_nul_bytes(void **state)
{
	wake_auto_str struct wake_str str = WAKE_STR(10);

	(void)state;
	wake_str_append_bytes(&str, "a\0b", 3);
	wake_str_append_char(&str, '\0');
	assert_int_equal(str.len, 4);
	assert_memory_equal(str.data, "a\0b\0", 5);
}

static void grows_to_exactly_its_maximum(void **state)
{
	wake_auto_str struct wake_str str = WAKE_STR(100000);
	struct wake_error err;

	(void)state;
	for (int i = 0; i < 10000; i++)
		wake_str_append(&str, "0123456789");
	assert_int_equal(wake_str_check(&str, &err), WAKE_OK);
	assert_int_equal(str.len, 100000);
	assert_true(str.room <= 100001);
	assert_memory_equal(str.data + 99990, "0123456789", 11);
	wake_str_append_char(&str, 'x');
	assert_int_equal(wake_str_check(&str, &err), WAKE_NOMEM);
	assert_int_equal(str.len, 100000);
}

static void failure_sticks_until_cleared(void **state)
{
	wake_auto_str struct wake_str str = WAKE_STR(4);
	struct wake_error err;
	char *text = (char *)1;

	(void)state;
	wake_str_append(&str, "abc");
	wake_str_appendf(&str, "%s", "too long");
	wake_str_append(&str, "d");
	assert_string_equal(wake_str_text(&str), "abc");
	assert_int_equal(wake_str_steal(&str, &text, &err), WAKE_NOMEM);
	assert_ptr_equal(text, (char *)1);
	wake_str_clear(&str);
	assert_string_equal(wake_str_text(&str), "");
	wake_str_append(&str, "wxyz");
	assert_int_equal(wake_str_check(&str, &err), WAKE_OK);
	assert_string_equal(wake_str_text(&str), "wxyz");
}

static void extreme_maxima(void **state)
{
	wake_auto_str struct wake_str none = WAKE_STR(0);
	wake_auto_str struct wake_str endless = WAKE_STR(SIZE_MAX);
	struct wake_error err;

	(void)state;
	wake_str_append(&none, "");
	assert_int_equal(wake_str_check(&none, &err), WAKE_OK);
	wake_str_append_char(&none, 'x');
	assert_int_equal(wake_str_check(&none, &err), WAKE_NOMEM);
	wake_str_append(&endless, "x");
	assert_int_equal(wake_str_check(&endless, &err), WAKE_OK);
	wake_str_append_bytes(&endless, "", SIZE_MAX); /* refused before it is read */
	assert_int_equal(wake_str_check(&endless, &err), WAKE_NOMEM);
}

static void hands_over(void **state)
{
	wake_auto_str struct wake_str str = WAKE_STR(100);
	wake_auto_free char *first = NULL;
	wake_auto_free char *second = NULL;
	struct wake_error err;

	(void)state;
	wake_str_append(&str, "mine");
	assert_int_equal(wake_str_steal(&str, &first, &err), WAKE_OK);
	assert_string_equal(first, "mine");
	assert_null(str.data);
	assert_int_equal(str.max, 100);
	assert_int_equal(wake_str_steal(&str, &second, &err), WAKE_OK);
	assert_string_equal(second, "");
}

static void formats_and_copies(void **state)
{
	wake_auto_free char *text = NULL;
	wake_auto_free char *copy = NULL;
	char *huge = NULL;
	struct wake_error err;

	(void)state;
	assert_int_equal(wake_str_format(&text, &err, "%s/%d", "a", 5), WAKE_OK);
	assert_string_equal(text, "a/5");
	assert_int_equal(wake_str_format(&huge, &err, "%*d", (1 << 20) + 1, 0), WAKE_NOMEM);
	assert_null(huge);
	assert_int_equal(wake_str_copy("abc", &copy, &err), WAKE_OK);
	assert_string_equal(copy, "abc");
}

static void zeroed_and_released_ones_are_fine(void **state)
{
	struct wake_str str = { 0 };

	(void)state;
	wake_str_release(&str);
	wake_str_clear(&str);
	str.max = 10;
	wake_str_append(&str, "x");
	wake_str_release(&str);
	wake_str_release(&str);
	assert_null(str.data);
	assert_int_equal(str.max, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appends_of_every_kind),
		cmocka_unit_test(holds_nul_bytes),
		cmocka_unit_test(grows_to_exactly_its_maximum),
		cmocka_unit_test(failure_sticks_until_cleared),
		cmocka_unit_test(extreme_maxima),
		cmocka_unit_test(hands_over),
		cmocka_unit_test(formats_and_copies),
		cmocka_unit_test(zeroed_and_released_ones_are_fine),
	};

	return cmocka_run_group_tests_name("base/str", tests, NULL, NULL);
}
