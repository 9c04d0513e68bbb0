/* SPDX-License-Identifier: MIT */
/* Walking over JSON text: what is in it is found, in any order and spacing, and what is broken is said to
 * be. */
#include "../base/scratch.h"
#include "agent/scan.h"

/* One value with nothing but white space around it. */
static bool is_whole(const char *text, size_t len, struct wake_scan *ret_value)
{
	if (!wake_scan_take(&text, &len, ret_value))
		return false;
	while (len > 0 && strchr(" \t\r\n", *text)) {
		text++;
		len--;
	}
	return len == 0;
}

static struct wake_scan whole(const char *text)
{
	struct wake_scan value = { NULL, 0 };

	assert_true(is_whole(text, strlen(text), &value));
	return value;
}

static void assert_says(struct wake_scan value, const char *text)
{
	wake_auto_str struct wake_str out = WAKE_STR(1024);

	wake_scan_append(value, 1024, &out);
	assert_string_equal(wake_str_text(&out), text);
}

static void values_are_taken(void **state)
{
	static const char *const good[] = { "{}", " [ ] ", "\"a\"", "\"\\\"\"", "\"\\\\\"", "1", "-1.5e+3",
		"true", "null", "{\"a\":[{\"b\":\"}\"}]}", "\t{\n}\r\n", "\"{[\"" };
	static const char *const bad[] = { "", " ", "{", "[[]", "\"a", "\"\\\"", "\"a\\", "{} {}", ",",
		"{\"a\":\"}", "1 2" };
	struct wake_scan value;

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(good); i++) {
		if (!is_whole(good[i], strlen(good[i]), &value))
			fail_msg("%s is a value", good[i]);
	}
	for (size_t i = 0; i < WAKE_COUNT(bad); i++) {
		if (is_whole(bad[i], strlen(bad[i]), &value))
			fail_msg("%s is no value", bad[i]);
	}
}

static void members_are_picked(void **state)
{
	static const char *const names[] = { "b", "a", "none" };
	struct wake_scan values[3];

	(void)state;
	assert_true(wake_scan_pick(
	    whole(" { \"a\" : 1 , \"x\":{\"b\":9}, \"b\":\"two\",\"a\": [3] } "), names, 3, values));
	assert_says(values[0], "two");
	assert_true(wake_scan_is_list(values[1])); /* the last one counts */
	assert_null(values[2].at);
	assert_null(wake_scan_member(whole("[1]"), "a").at);
	assert_true(wake_scan_equals(wake_scan_first(whole("{\"t\":\"x\",\"t\":\"y\"}"), "t"), "x"));
	assert_null(wake_scan_first(whole("{\"u\":\"x\"}"), "t").at);
}

static void broken_objects_are_told(void **state)
{
	static const char *const bad[] = { "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{\"a\":}", "{a:1}", "{1:2}",
		"{\"a\":1]", "{,}", "{\"a\":1,}", "{\"a\":[1}", "{\"a\"}" };
	static const char *const names[] = { "a" };
	struct wake_scan value, found;

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(bad); i++) {
		value = (struct wake_scan){ bad[i], strlen(bad[i]) };
		if (wake_scan_pick(value, names, 1, &found))
			fail_msg("%s is broken", bad[i]);
	}
}

static void lists_are_walked(void **state)
{
	struct wake_scan_walk walk;
	struct wake_scan key, value;
	int count = 0;

	(void)state;
	assert_true(wake_scan_open(whole("[1, \"two\" , [3], {\"f\":4}]"), &walk));
	while (wake_scan_next(&walk, &key, &value)) {
		assert_null(key.at);
		count++;
	}
	assert_false(walk.is_broken);
	assert_int_equal(count, 4);
	assert_false(wake_scan_open(whole("\"[]\""), &walk));
	assert_true(wake_scan_open(whole("[]"), &walk));
	assert_false(wake_scan_next(&walk, &key, &value));
	assert_false(walk.is_broken);
}

static void strings_say_what_can_be_stored(void **state)
{
	(void)state;
	assert_says(whole("\"plain\""), "plain");
	assert_says(whole("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), "\"\\/\b\f\n\r\t");
	assert_says(whole("\"\\u0041\\u00e9\\u20AC\""), "A\xc3\xa9\xe2\x82\xac");
	assert_says(whole("\"\\ud83d\\ude00\""), "\xf0\x9f\x98\x80");
	assert_says(whole("\"a\\u0000b\""), "a\xef\xbf\xbd"
	                                    "b");
	assert_says(whole("\"\\ud83d\""), "\xef\xbf\xbd");
	assert_says(whole("\"\\ude00x\""), "\xef\xbf\xbdx");
	assert_says(whole("\"\\ud83d\\u0041\""), "\xef\xbf\xbd"
	                                         "A");
	assert_says(whole("\"\\u12\""), "\xef\xbf\xbd"
	                                "12");
	assert_says(whole("\"\\q\""), "\xef\xbf\xbd");
	assert_says(whole("\"\xc3\xa9\xff\xc3\""), "\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd");
	assert_says(whole("5"), "");
}

static void long_strings_are_cut_between_characters(void **state)
{
	wake_auto_str struct wake_str out = WAKE_STR(1024);

	(void)state;
	wake_scan_append(whole("\"ab\xc3\xa9\\ud83d\\ude00z\""), 3, &out);
	assert_string_equal(out.data, "ab");
	wake_str_clear(&out);
	wake_scan_append(whole("\"ab\xc3\xa9\\ud83d\\ude00z\""), 7, &out);
	assert_string_equal(out.data, "ab\xc3\xa9");
	wake_str_clear(&out);
	wake_scan_append(whole("\"ab\xc3\xa9\\ud83d\\ude00z\""), 8, &out);
	assert_string_equal(out.data, "ab\xc3\xa9\xf0\x9f\x98\x80");
}

static void numbers_count_or_do_not(void **state)
{
	static const char *const none[] = { "-1", "1.0", "1e3", "9223372036854775808", "99999999999999999999",
		"true", "\"1\"", "null", "[1]" };
	int64_t count = -5;

	(void)state;
	assert_true(wake_scan_count(whole("0"), &count) && count == 0);
	assert_true(wake_scan_count(whole("9223372036854775807"), &count) && count == INT64_MAX);
	for (size_t i = 0; i < WAKE_COUNT(none); i++) {
		if (wake_scan_count(whole(none[i]), &count))
			fail_msg("%s is no count", none[i]);
	}
	assert_false(wake_scan_count((struct wake_scan){ NULL, 0 }, &count));
	assert_int_equal(count, INT64_MAX);
}

static void money_is_millionths(void **state)
{
	static const char *const none[] = { "-0.1", "1e300", "\"1\"", "null", "0x10", "1.2.3", "true" };
	int64_t money = -5;

	(void)state;
	assert_true(wake_scan_millionths(whole("0.057372"), &money) && money == 57372);
	assert_true(wake_scan_millionths(whole("1.8e-05"), &money) && money == 18);
	assert_true(wake_scan_millionths(whole("0.1234565"), &money) && money == 123457);
	assert_true(wake_scan_millionths(whole("12"), &money) && money == 12000000);
	for (size_t i = 0; i < WAKE_COUNT(none); i++) {
		if (wake_scan_millionths(whole(none[i]), &money))
			fail_msg("%s is no money", none[i]);
	}
	assert_int_equal(money, 12000000);
}

static void nesting_costs_nothing(void **state)
{
	size_t depth = 2000000;
	wake_auto_free char *text = malloc(2 * depth);
	struct wake_scan value;

	(void)state;
	assert_non_null(text);
	memset(text, '[', depth);
	memset(text + depth, ']', depth);
	assert_true(is_whole(text, 2 * depth, &value));
	assert_false(is_whole(text, 2 * depth - 1, &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_taken),
		cmocka_unit_test(members_are_picked),
		cmocka_unit_test(broken_objects_are_told),
		cmocka_unit_test(lists_are_walked),
		cmocka_unit_test(strings_say_what_can_be_stored),
		cmocka_unit_test(long_strings_are_cut_between_characters),
		cmocka_unit_test(numbers_count_or_do_not),
		cmocka_unit_test(money_is_millionths),
		cmocka_unit_test(nesting_costs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
