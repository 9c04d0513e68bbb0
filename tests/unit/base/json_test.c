/* SPDX-License-Identifier: MIT */
/* base/json: what is refused, canonical output, members. */
#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int parse(const char *text, json_t **ret_json, struct wake_error *err)
{
	return wake_json_parse(text, strlen(text), ret_json, err);
}

static void parses_any_one_value(void **state)
{
	static const char *const good[] = { "{}", "[1,2]", "\"x\"", "7", "null", " true\n",
		"9223372036854775807", "-9223372036854775808", "1.5e3" };
	struct wake_error err;

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(good); i++) {
		wake_auto_json json_t *json = NULL;

		assert_int_equal(parse(good[i], &json, &err), WAKE_OK);
		assert_non_null(json);
	}
}

static void refuses_what_a_store_could_not_hold(void **state)
{
	static const char *const bad[] = { "", " ", "{", "{}x", "{} {}", "{\"a\":1,\"a\":2}", "\"\\u0000\"",
		"\"\\ud800\"", "\"\\udc00x\"", "\"\xff\"", "9223372036854775808", "-9223372036854775809",
		"1e999", "{\"a\\u0000b\":1}", "[1,]", "{a:1}", "nul", "01", "'x'" };
	struct wake_error err;
	json_t *json = NULL;

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(bad); i++) {
		assert_int_equal(parse(bad[i], &json, &err), WAKE_INVALID);
		assert_null(json);
	}
	assert_int_equal(wake_json_parse("{}\0", 3, &json, &err), WAKE_INVALID);
	assert_int_equal(wake_json_parse(NULL, 0, &json, &err), WAKE_INVALID);
	assert_null(json);
}

static void endless_nesting_is_refused(void **state)
{
	char deep[20001];
	struct wake_error err;
	json_t *json = NULL;

	(void)state;
	memset(deep, '[', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	assert_int_equal(parse(deep, &json, &err), WAKE_INVALID);
}

static void names_the_place(void **state)
{
	struct wake_error err;
	json_t *json = NULL;

	(void)state;
	assert_int_equal(parse("{\n \"a\": x}", &json, &err), WAKE_INVALID);
	assert_non_null(strstr(err.text, "line 2, column 7"));
}

static void the_same_value_gives_the_same_bytes(void **state)
{
	wake_auto_json json_t *json = NULL;
	wake_auto_str struct wake_str out = WAKE_STR(1000);
	struct wake_error err;

	(void)state;
	wake_str_append(&out, ">");
	assert_int_equal(
	    parse("{\"b\": [1, 2.5, null], \"a\": \"\xc3\xa9/\\n\", \"A\": {\"z\":true,\"y\":false}}", &json,
	        &err),
	    WAKE_OK);
	assert_int_equal(wake_json_append(&out, json, &err), WAKE_OK);
	assert_string_equal(wake_str_text(&out),
	    ">{\"A\":{\"y\":false,\"z\":true},\"a\":\"\xc3\xa9/\\n\",\"b\":[1,2.5,null]}");
}

static void a_full_string_holds_no_half_value(void **state)
{
	wake_auto_json json_t *json = json_string("0123456789");
	wake_auto_str struct wake_str out = WAKE_STR(8);
	struct wake_error err;

	(void)state;
	wake_str_append(&out, "ab");
	assert_int_equal(wake_json_append(&out, json, &err), WAKE_NOMEM);
	assert_string_equal(wake_str_text(&out), "ab");
}

static void members_have_fallbacks(void **state)
{
	wake_auto_json json_t *json = NULL;
	struct wake_error err;

	(void)state;
	assert_int_equal(
	    parse("{\"s\":\"x\",\"n\":-5,\"r\":1.5,\"t\":true,\"f\":false,\"z\":null}", &json, &err),
	    WAKE_OK);
	assert_string_equal(wake_json_string(json, "s"), "x");
	assert_null(wake_json_string(json, "n"));
	assert_null(wake_json_string(json, "z"));
	assert_null(wake_json_string(json, "missing"));
	assert_null(wake_json_string(NULL, "s"));
	assert_int_equal(wake_json_int(json, "n", 7), -5);
	assert_int_equal(wake_json_int(json, "r", 7), 7);
	assert_int_equal(wake_json_int(json, "s", 7), 7);
	assert_int_equal(wake_json_int(json, "missing", 7), 7);
	assert_true(wake_json_true(json, "t"));
	assert_false(wake_json_true(json, "f"));
	assert_false(wake_json_true(json, "n"));
	assert_false(wake_json_true(json, "missing"));
}

static void sets_members(void **state)
{
	wake_auto_json json_t *json = json_object();
	wake_auto_str struct wake_str out = WAKE_STR(1000);
	struct wake_error err;

	(void)state;
	assert_int_equal(wake_json_set_string(json, "s", "x", &err), WAKE_OK);
	assert_int_equal(wake_json_set_string(json, "none", NULL, &err), WAKE_OK);
	assert_int_equal(wake_json_set_int(json, "n", INT64_MIN, &err), WAKE_OK);
	assert_int_equal(wake_json_set_bool(json, "b", true, &err), WAKE_OK);
	assert_int_equal(wake_json_set(json, "l", json_array(), &err), WAKE_OK);
	assert_int_equal(wake_json_append(&out, json, &err), WAKE_OK);
	assert_string_equal(
	    wake_str_text(&out), "{\"b\":true,\"l\":[],\"n\":-9223372036854775808,\"s\":\"x\"}");
}

/* As short as they were, and none other. */
static void real_numbers_come_back(void **state)
{
	static const char *const numbers[] = { "[0.1]", "[0.1,0.0123,1.25]", "[-2.5e-7]", "[0.30000000000000004]",
		"{\"a\":[1.7976931348623157e308]}" };
	struct wake_error err;

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(numbers); i++) {
		wake_auto_json json_t *json = NULL, *again = NULL;
		wake_auto_str struct wake_str out = WAKE_STR(1000);

		assert_int_equal(parse(numbers[i], &json, &err), WAKE_OK);
		assert_int_equal(wake_json_append(&out, json, &err), WAKE_OK);
		assert_int_equal(parse(out.data, &again, &err), WAKE_OK);
		assert_true(json_equal(json, again));
		assert_true(out.len <= strlen(numbers[i]));
	}
}

static void refuses_bad_members(void **state)
{
	wake_auto_json json_t *json = json_object();
	wake_auto_json json_t *list = json_array();
	struct wake_error err;

	(void)state;
	assert_int_equal(wake_json_set_string(json, "s", "caf\xe9", &err), WAKE_INVALID);
	assert_non_null(strstr(err.text, "'s'"));
	assert_int_equal(wake_json_set(json, "s", NULL, &err), WAKE_NOMEM);
	assert_int_equal(wake_json_set(list, "s", json_integer(1), &err), WAKE_INVALID);
	assert_int_equal(json_object_size(json), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_any_one_value),
		cmocka_unit_test(refuses_what_a_store_could_not_hold),
		cmocka_unit_test(endless_nesting_is_refused),
		cmocka_unit_test(names_the_place),
		cmocka_unit_test(the_same_value_gives_the_same_bytes),
		cmocka_unit_test(a_full_string_holds_no_half_value),
		cmocka_unit_test(members_have_fallbacks),
		cmocka_unit_test(sets_members),
		cmocka_unit_test(real_numbers_come_back),
		cmocka_unit_test(refuses_bad_members),
	};

	return cmocka_run_group_tests_name("base/json", tests, NULL, NULL);
}
