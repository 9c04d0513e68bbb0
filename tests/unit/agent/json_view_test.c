/* SPDX-License-Identifier: MIT */
/* agent/json_view: members in place, texts, counts, and money by its digits. */
#include "agent/json_view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define FFFD "\xef\xbf\xbd"

static struct wake_view view_of(const char *text)
{
	return (struct wake_view){ text, strlen(text) };
}

static bool is_object(const char *text)
{
	struct wake_view view;

	return wake_view_object(text, strlen(text), &view);
}

static void takes_an_object(void **state)
{
	static const char *const good[] = { "{}", " {\"a\":1}\r\n", "\t{ }" };
	static const char *const bad[] = { "", "  ", "{", "}", "[1]", "1", "{\"a\":1} x", "x {}" };

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(good); i++)
		assert_true(is_object(good[i]));
	for (size_t i = 0; i < WAKE_COUNT(bad); i++)
		assert_false(is_object(bad[i]));
}

static void finds_the_first_member(void **state)
{
	struct wake_view value;

	(void)state;
	assert_true(wake_view_first(view_of("{\"x\":{\"a\":0},\"a\":\"one\",\"a\":2}"), "a", &value));
	assert_true(wake_view_is(value, "one"));
	assert_true(wake_view_first(view_of("{\"a\":\"one\",broken}"), "a", &value));
	assert_false(wake_view_first(view_of("{\"x\":{\"a\":0}}"), "a", &value));
	assert_false(wake_view_first(view_of("[\"a\",1]"), "a", &value));
}

static void picks_members_in_any_order(void **state)
{
	static const char *const names[] = { "type", "cost", "none" };
	struct wake_view views[3];

	(void)state;
	assert_true(wake_view_pick(view_of("{\"x\":{\"type\":\"inner\"}, \"cost\" : 1.5 ,\"type\":\"a\",\"l\":[{}]}"), names,
	    3, views));
	assert_true(wake_view_is(views[0], "a"));
	assert_int_equal(views[1].len, 3);
	assert_null(views[2].at);
	/* The last of one name counts; a name may be written with escapes. */
	assert_true(wake_view_pick(view_of("{\"type\":1,\"t\\u0079pe\":\"b\"}"), names, 3, views));
	assert_true(wake_view_is(views[0], "b"));
	assert_true(wake_view_pick(view_of("{}"), names, 3, views));
}

static void refuses_what_is_no_object(void **state)
{
	static const char *const bad[] = { "[1]", "1", "\"a\"", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{1:2}", "{\"a\":1 2}",
		"{\"a\" 1}", "{,}" };
	static const char *const names[] = { "a" };
	struct wake_view view;

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(bad); i++)
		assert_false(wake_view_pick(view_of(bad[i]), names, 1, &view));
	assert_false(wake_view_pick((struct wake_view){ 0 }, names, 1, &view));
}

static void deep_nesting_costs_no_stack(void **state)
{
	enum { DEPTH = 1000000 };
	static const char *const names[] = { "a" };
	wake_auto_str struct wake_str text = WAKE_STR(3 * DEPTH);
	struct wake_view whole, inner;

	(void)state;
	wake_str_append(&text, "{\"a\":");
	for (int i = 0; i < DEPTH; i++)
		wake_str_append_char(&text, i % 2 ? '[' : '{');
	for (int i = DEPTH; i > 0; i--)
		wake_str_append_char(&text, i % 2 ? '}' : ']');
	wake_str_append(&text, "}");
	assert_true(wake_view_object(text.data, text.len, &whole));
	assert_true(wake_view_pick(whole, names, 1, &inner));
	assert_int_equal(inner.len, 2 * DEPTH);
}

static void assert_says(const char *json, const char *expected)
{
	wake_auto_str struct wake_str out = WAKE_STR(1000);

	assert_true(wake_view_append_text(view_of(json), 1000, &out));
	assert_string_equal(wake_str_text(&out), expected);
}

static void decodes_texts(void **state)
{
	wake_auto_str struct wake_str out = WAKE_STR(1000);

	(void)state;
	assert_says("\"\"", "");
	assert_says("\"a\\n\\t\\\"\\\\\\/\\b\\f\\r\"", "a\n\t\"\\/\b\f\r");
	assert_says("\"\\u00e9\\u20AC\\ud83d\\udc04\"", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x84");
	assert_says("\"a\\u0000b\"", "a" FFFD "b");
	assert_says("\"\\ud83d\"", FFFD);
	assert_says("\"\\ud83dx\\udc04\"", FFFD "x" FFFD);
	assert_says("\"\\ud83d\\u0041\"", FFFD "A");
	assert_says("\"\\uzz\\q\"", FFFD "uzz" FFFD "q");
	assert_says("\"\xff\xc3\xa9\xe2\x82\"", FFFD "\xc3\xa9" FFFD FFFD);
	assert_false(wake_view_append_text(view_of("1"), 10, &out));
	assert_false(wake_view_append_text((struct wake_view){ 0 }, 10, &out));
}

static void cuts_texts_at_a_character(void **state)
{
	wake_auto_str struct wake_str out = WAKE_STR(1000);

	(void)state;
	assert_true(wake_view_append_text(view_of("\"ab\xe2\x82\xac" "cd\""), 4, &out));
	assert_string_equal(wake_str_text(&out), "ab");
	assert_true(wake_view_append_text(view_of("\"cdef\""), 3, &out));
	assert_string_equal(wake_str_text(&out), "abcde");
}

static void counts(void **state)
{
	int64_t count = -1;

	(void)state;
	assert_true(wake_view_count(view_of("0"), 10, &count));
	assert_int_equal(count, 0);
	assert_true(wake_view_count(view_of("1000"), 1000, &count));
	assert_int_equal(count, 1000);
	assert_false(wake_view_count(view_of("1001"), 1000, &count));
	assert_false(wake_view_count(view_of("99999999999999999999999999"), INT64_MAX, &count));
	assert_false(wake_view_count(view_of("-1"), 1000, &count));
	assert_false(wake_view_count(view_of("1.5"), 1000, &count));
	assert_false(wake_view_count(view_of("\"1\""), 1000, &count));
	assert_false(wake_view_count((struct wake_view){ 0 }, 1000, &count));
	assert_int_equal(count, 1000);
}

static void reads_money_by_its_digits(void **state)
{
	static const struct {
		const char *text;
		int64_t micros;
	} rows[] = { { "0", 0 }, { "0.0", 0 }, { "1", 1000000 }, { "0.057372", 57372 }, { "0.0573725", 57373 },
		{ "0.05737249999999999999999", 57372 }, { "1e-7", 0 }, { "5e-7", 1 }, { "4.9999e-7", 0 }, { "1.5E+2", 150000000 },
		{ "0.1", 100000 }, { "0.3", 300000 }, { "999999.999999", 999999999999 }, { "12e-1000000", 0 },
		/* The nearest double of this is below the half, its digits are not. */
		{ "1.0000005", 1000001 }, { "0.000000499999999999999999999999999", 0 } };
	static const char *const bad[] = { "-1", "1000000", "999999.9999995", "1e6", "1e400", "1e", "1e+", ".5", "1.2.3",
		"0x1", "nan", "\"1\"", "true", "1e5x" };
	int64_t micros;

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(rows); i++) {
		micros = -1;
		assert_true(wake_view_millionths(view_of(rows[i].text), 999999999999, &micros));
		assert_int_equal(micros, rows[i].micros);
	}
	for (size_t i = 0; i < WAKE_COUNT(bad); i++)
		assert_false(wake_view_millionths(view_of(bad[i]), 999999999999, &micros));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_an_object),
		cmocka_unit_test(finds_the_first_member),
		cmocka_unit_test(picks_members_in_any_order),
		cmocka_unit_test(refuses_what_is_no_object),
		cmocka_unit_test(deep_nesting_costs_no_stack),
		cmocka_unit_test(decodes_texts),
		cmocka_unit_test(cuts_texts_at_a_character),
		cmocka_unit_test(counts),
		cmocka_unit_test(reads_money_by_its_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
