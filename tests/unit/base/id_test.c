/* SPDX-License-Identifier: MIT */
/* base/id: versions, variants, order, and ids that must never change. */
#include "base/id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/scope.h"

static int64_t milliseconds_of(const char *id)
{
	char digits[13];

	memcpy(digits, id, 8);
	memcpy(digits + 8, id + 9, 5);
	digits[12] = '\0';
	return strtoll(digits, NULL, 16);
}

static void v7_carries_the_time(void **state)
{
	char first[WAKE_ID_SIZE], second[WAKE_ID_SIZE];
	int64_t before = wake_clock_now() / 1000, after;

	(void)state;
	wake_id_v7(first);
	wake_id_v7(second);
	after = wake_clock_now() / 1000;
	assert_true(wake_id_is_uuid(first));
	assert_true(wake_id_is_v7(first));
	assert_string_not_equal(first, second);
	assert_true(milliseconds_of(first) >= before && milliseconds_of(second) <= after);
}

/* Worked out by another implementation (Python's uuid and hashlib): stored ids depend on them. */
static void derived_ids_never_change(void **state)
{
	char id[WAKE_ID_SIZE];

	(void)state;
	wake_id_v5("run-1", 5, id);
	assert_string_equal(id, "8ed7bec6-31d7-522a-bb45-edcc9ee6e4e4");
	wake_id_v5("", 0, id);
	assert_string_equal(id, "56d02561-efa1-5190-86d7-86ee01f25788");
	wake_id_v8(INT64_C(1732294218123), "run-1", 5, id);
	assert_string_equal(id, "019354c8-118b-822a-bb45-edcc9ee6e4e4");
}

static void v8_clamps_its_time(void **state)
{
	char id[WAKE_ID_SIZE];

	(void)state;
	wake_id_v8(-1, "run-1", 5, id);
	assert_string_equal(id, "00000000-0000-822a-bb45-edcc9ee6e4e4");
	wake_id_v8(INT64_C(1) << 48, "run-1", 5, id);
	assert_string_equal(id, "ffffffff-ffff-822a-bb45-edcc9ee6e4e4");
}

static void names_may_hold_any_bytes(void **state)
{
	char one[WAKE_ID_SIZE], other[WAKE_ID_SIZE];

	(void)state;
	wake_id_v5("a\0b", 3, one);
	wake_id_v5("a\0c", 3, other);
	assert_string_not_equal(one, other);
}

static void tells_uuids(void **state)
{
	static const char *const bad[] = { "", "x", "8ed7bec6-31d7-522a-bb45-edcc9ee6e4e",
		"8ed7bec6-31d7-522a-bb45-edcc9ee6e4e45", "8ed7bec6-31d7-522a-bb45-edcc9ee6e4eg",
		"8ed7bec6031d7-522a-bb45-edcc9ee6e4e4", "8ed7bec631d7522abb45edcc9ee6e4e4",
		"{8ed7bec6-31d7-522a-bb45-edcc9ee6e4e4}" };

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(bad); i++)
		assert_false(wake_id_is_uuid(bad[i]));
	assert_true(wake_id_is_uuid("8ed7bec6-31d7-522a-bb45-edcc9ee6e4e4"));
	assert_true(wake_id_is_uuid("8ED7BEC6-31D7-522A-BB45-EDCC9EE6E4E4"));
	assert_true(wake_id_is_uuid("00000000-0000-0000-0000-000000000000"));
	assert_false(wake_id_is_v7("8ed7bec6-31d7-522a-bb45-edcc9ee6e4e4"));
	assert_false(wake_id_is_v7("8ed7bec6-31d7-722a-cb45-edcc9ee6e4e4"));
	assert_true(wake_id_is_v7("8ED7BEC6-31D7-722A-AB45-EDCC9EE6E4E4"));
	assert_false(wake_id_is_v7("nonsense"));
}

static void the_time_of_an_id_is_read_back(void **state)
{
	char id[WAKE_ID_SIZE];

	(void)state;
	wake_id_v8(INT64_C(1800000000123), "a", 1, id);
	assert_true(wake_id_milliseconds(id) == INT64_C(1800000000123));
	wake_id_v8(-1, "a", 1, id);
	assert_true(wake_id_milliseconds(id) == 0);
	assert_true(wake_id_milliseconds("ffffffff-ffff-8000-8000-000000000000") == (INT64_C(1) << 48) - 1);
	assert_true(wake_id_milliseconds("nonsense") == 0);
}

static void run_ids(void **state)
{
	char id[WAKE_ID_SIZE];

	(void)state;
	wake_id_for_run("019354C8-118B-722A-BB45-EDCC9EE6E4E4", id);
	assert_string_equal(id, "019354c8-118b-722a-bb45-edcc9ee6e4e4");
	wake_id_for_run("run-1", id);
	assert_string_equal(id, "8ed7bec6-31d7-522a-bb45-edcc9ee6e4e4");
	wake_id_for_run("8ed7bec6-31d7-422a-bb45-edcc9ee6e4e4", id); /* a version 4 is only a name */
	assert_string_not_equal(id, "8ed7bec6-31d7-422a-bb45-edcc9ee6e4e4");
	assert_true(id[14] == '5');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v7_carries_the_time),
		cmocka_unit_test(derived_ids_never_change),
		cmocka_unit_test(v8_clamps_its_time),
		cmocka_unit_test(names_may_hold_any_bytes),
		cmocka_unit_test(tells_uuids),
		cmocka_unit_test(the_time_of_an_id_is_read_back),
		cmocka_unit_test(run_ids),
	};

	return cmocka_run_group_tests_name("base/id", tests, NULL, NULL);
}
