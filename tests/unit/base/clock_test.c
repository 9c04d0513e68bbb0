/* SPDX-License-Identifier: MIT */
/* base/clock: exact texts on both sides of 1970, strict parsing, what people type. */
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/scope.h"

#define DAY (86400 * WAKE_SECOND)
#define NOW (INT64_C(1795366218) * WAKE_SECOND) /* 2026-11-22T16:50:18Z */

static void assert_format(int64_t at, const char *expected)
{
	char text[WAKE_TIME_SIZE];

	memset(text, '#', sizeof(text));
	wake_time_format(at, text);
	assert_string_equal(text, expected);
}

static void formats_exactly(void **state)
{
	(void)state;
	assert_format(0, "1970-01-01T00:00:00.000000Z");
	assert_format(1, "1970-01-01T00:00:00.000001Z");
	assert_format(-1, "1969-12-31T23:59:59.999999Z");
	assert_format(-WAKE_SECOND, "1969-12-31T23:59:59.000000Z");
	assert_format(-WAKE_SECOND - 1, "1969-12-31T23:59:58.999999Z");
	assert_format(-DAY, "1969-12-31T00:00:00.000000Z");
	assert_format(NOW + 123456, "2026-11-22T16:50:18.123456Z");
	assert_format(INT64_C(951782400) * WAKE_SECOND, "2000-02-29T00:00:00.000000Z");
	assert_format(INT64_C(-2203891200) * WAKE_SECOND, "1900-03-01T00:00:00.000000Z");
	assert_format(INT64_C(-2203891200) * WAKE_SECOND - 1, "1900-02-28T23:59:59.999999Z");
}

static void clamps_what_has_no_four_digit_year(void **state)
{
	(void)state;
	assert_format(INT64_MIN, "0001-01-01T00:00:00.000000Z");
	assert_format(INT64_C(-62135596800) * WAKE_SECOND - 1, "0001-01-01T00:00:00.000000Z");
	assert_format(INT64_C(-62135596800) * WAKE_SECOND + 1, "0001-01-01T00:00:00.000001Z");
	assert_format(INT64_C(253402300800) * WAKE_SECOND - 2, "9999-12-31T23:59:59.999998Z");
	assert_format(INT64_C(253402300800) * WAKE_SECOND, "9999-12-31T23:59:59.999999Z");
	assert_format(INT64_MAX, "9999-12-31T23:59:59.999999Z");
}

/* Against the C library, over all years, and back again. */
static void agrees_with_the_library(void **state)
{
	uint64_t random = 88172645463325252U;
	struct wake_error err;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		int64_t seconds, back = 0;
		char ours[WAKE_TIME_SIZE], theirs[64];
		struct tm tm;
		time_t when;

		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		seconds = (int64_t)(random % UINT64_C(315537897600)) - INT64_C(62135596800);
		when = seconds;
		assert_non_null(gmtime_r(&when, &tm));
		(void)snprintf(theirs, sizeof(theirs), "%04d-%02d-%02dT%02d:%02d:%02d.000042Z",
		    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
		wake_time_format(seconds * WAKE_SECOND + 42, ours);
		assert_string_equal(ours, theirs);
		assert_int_equal(wake_time_parse(ours, &back, &err), WAKE_OK);
		assert_int_equal(back, seconds * WAKE_SECOND + 42);
	}
}

static void parses_rfc3339(void **state)
{
	static const struct {
		const char *text;
		int64_t at;
	} cases[] = {
		{ "2026-11-22T16:50:18Z", NOW },
		{ "2026-11-22t16:50:18z", NOW },
		{ "2026-11-22T16:50:18.5Z", NOW + 500000 },
		{ "2026-11-22T16:50:18.123456Z", NOW + 123456 },
		{ "2026-11-22T16:50:18.123456789Z", NOW + 123456 },
		{ "2026-11-22T18:20:18+01:30", NOW },
		{ "2026-11-22T10:50:18-06:00", NOW },
		{ "2026-11-22T16:50:18-00:00", NOW },
		{ "1969-12-31T23:59:59.999999Z", -1 },
		{ "1970-01-01T00:00:00+00:01", -60 * WAKE_SECOND },
		{ "2016-12-31T23:59:60Z", INT64_C(1483228800) * WAKE_SECOND },
		{ "2017-01-01T00:59:60+01:00", INT64_C(1483228800) * WAKE_SECOND },
		{ "2024-02-29T00:00:00Z", INT64_C(1709164800) * WAKE_SECOND },
	};
	struct wake_error err;

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		int64_t at = 0;

		assert_int_equal(wake_time_parse(cases[i].text, &at, &err), WAKE_OK);
		assert_int_equal(at, cases[i].at);
	}
}

static void refuses_everything_else(void **state)
{
	static const char *const cases[] = { "", "Z", "2026-11-22", "2026-11-22T16:50:18",
		"2026-11-22 16:50:18Z", "2026-11-22T16:50Z", "2026-11-22T16:50:18.Z",
		"2026-11-22T16:50:18.1234567890Z", "2026-11-22T16:50:18Zx", " 2026-11-22T16:50:18Z",
		"2026-13-22T16:50:18Z", "2026-00-22T16:50:18Z", "2026-02-29T16:50:18Z",
		"1900-02-29T00:00:00Z", "2026-11-31T16:50:18Z", "2026-11-00T16:50:18Z",
		"0000-01-01T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T16:60:18Z",
		"2026-11-22T16:50:61Z", "2026-11-22T16:50:60Z", "2026-11-22T16:50:18+0100",
		"2026-11-22T16:50:18+24:00", "2026-11-22T16:50:18+01:60", "2026-11-22T16:50:18+1:00",
		"2026-11-22T16:50:18,5Z", "-026-11-22T16:50:18Z", "+2026-11-22T16:50:18Z",
		"12026-11-22T16:50:18Z", "2026-1-22T16:50:18Z" };
	struct wake_error err;

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		int64_t at = 77;

		assert_int_equal(wake_time_parse(cases[i], &at, &err), WAKE_INVALID);
		assert_int_equal(at, 77);
	}
}

static void parses_what_people_type(void **state)
{
	static const struct {
		const char *text;
		int64_t at;
	} cases[] = {
		{ "2026-11-22T16:50:18Z", NOW },
		{ "1970-01-02", DAY },
		{ "1969-12-31", -DAY },
		{ "0s", NOW },
		{ "90s", NOW - 90 * WAKE_SECOND },
		{ "30m", NOW - 1800 * WAKE_SECOND },
		{ "2h", NOW - 7200 * WAKE_SECOND },
		{ "7d", NOW - 7 * DAY },
		{ "4w", NOW - 28 * DAY },
	};
	static const char *const bad[] = { "", "7", "d", "-7d", "+7d", "7 d", "7days", "7d ", "7.5h", "1y",
		"7D", "1970-01-32", "1970-01-02x", "99999999999999999999s", "9223372036854775807s",
		"9999999999999w", "yesterday" };
	struct wake_error err;
	int64_t at = 77;

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(bad); i++) {
		assert_int_equal(wake_time_parse_since(bad[i], NOW, &at, &err), WAKE_INVALID);
		assert_int_equal(at, 77);
	}
	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		assert_int_equal(wake_time_parse_since(cases[i].text, NOW, &at, &err), WAKE_OK);
		assert_int_equal(at, cases[i].at);
	}
}

static void knows_its_own_form(void **state)
{
	static const char *const others[] = { "", "2026-11-22T16:50:18Z", "2026-11-22T16:50:18.123456",
		"2026-11-22T16:50:18.123456Z ", "2026-11-22 16:50:18.123456Z", "2026-11-22T16:50:18.123456+",
		"2026-11-22T16:50:18.12345xZ", "x026-11-22T16:50:18.123456Z", "2026-11-22T16:50:18.1234567Z" };

	(void)state;
	assert_true(wake_time_is_shown_so("2026-11-22T16:50:18.123456Z"));
	assert_true(wake_time_is_shown_so("0001-01-01T00:00:00.000000Z"));
	for (size_t i = 0; i < WAKE_COUNT(others); i++)
		assert_false(wake_time_is_shown_so(others[i]));
}

static void clocks_go_forward(void **state)
{
	int64_t before = time(NULL), now = wake_clock_now(), monotonic = wake_clock_monotonic();
	int64_t later = wake_clock_monotonic();

	(void)state;
	/* time(3) may be a tick behind. */
	assert_true(now / WAKE_SECOND >= before && now / WAKE_SECOND <= time(NULL) + 1);
	assert_true(monotonic > 0);
	assert_true(later >= monotonic);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_exactly),
		cmocka_unit_test(clamps_what_has_no_four_digit_year),
		cmocka_unit_test(agrees_with_the_library),
		cmocka_unit_test(parses_rfc3339),
		cmocka_unit_test(refuses_everything_else),
		cmocka_unit_test(parses_what_people_type),
		cmocka_unit_test(knows_its_own_form),
		cmocka_unit_test(clocks_go_forward),
	};

	return cmocka_run_group_tests_name("base/clock", tests, NULL, NULL);
}
