/* SPDX-License-Identifier: MIT */
/* event/event_path: every path comes back byte for byte, and nothing else is taken for one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "event/event.h"

static struct wake_error err;

static void assert_comes_back(const char *path)
{
	wake_auto_json json_t *list = json_array();
	wake_auto_str struct wake_str back = WAKE_STR(WAKE_EVENT_PATH_MAX);
	const char *text;

	assert_int_equal(wake_event_add_path(list, path, &err), WAKE_OK);
	assert_int_equal(json_array_size(list), 1);
	text = json_string_value(json_array_get(list, 0));
	assert_non_null(text);
	assert_true(wake_text_is_utf8(text, strlen(text)));
	assert_int_equal(wake_event_read_path(text, &back, &err), WAKE_OK);
	assert_string_equal(wake_str_text(&back), path);
}

static void plain_paths_stand_as_they_are(void **state)
{
	static const char *const plain[] = { "a", "src/main.c", "with space", "-dash", ":colon", "a\"b", "a\\b",
		"\\\"", "new\nline", "\x01\x7f", "ü/€/😀", "..", "a//b/" };

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(plain); i++) {
		wake_auto_json json_t *list = json_array();

		assert_int_equal(wake_event_add_path(list, plain[i], &err), WAKE_OK);
		assert_string_equal(json_string_value(json_array_get(list, 0)), plain[i]);
		assert_comes_back(plain[i]);
	}
}

static void others_are_quoted(void **state)
{
	static const struct {
		const char *path, *text;
	} cases[] = {
		{ "\"", "\"\\\"\"" },
		{ "\"a\"", "\"\\\"a\\\"\"" },
		{ "\"\xc3\xbc", "\"\\\"\\303\\274\"" },
		{ "a\xff", "\"a\\377\"" },
		{ "\xff\a\b\t\n\v\f\r\"\\\x01\x7f", "\"\\377\\a\\b\\t\\n\\v\\f\\r\\\"\\\\\\001\\177\"" },
		{ "\xed\xa0\x80", "\"\\355\\240\\200\"" },
	};

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		wake_auto_json json_t *list = json_array();

		assert_int_equal(wake_event_add_path(list, cases[i].path, &err), WAKE_OK);
		assert_string_equal(json_string_value(json_array_get(list, 0)), cases[i].text);
		assert_comes_back(cases[i].path);
	}
}

/* All pairs of bytes, at the start and after another character. */
static void every_byte_comes_back(void **state)
{
	(void)state;
	for (int first = 1; first < 256; first++) {
		for (int second = 1; second < 256; second++) {
			const char path[] = { (char)first, (char)second, '\0' };

			assert_comes_back(path);
		}
	}
}

static void holds_to_the_maximum(void **state)
{
	wake_auto_json json_t *list = json_array();
	wake_auto_str struct wake_str out = WAKE_STR(2 * WAKE_EVENT_PATH_MAX);
	char *path = malloc(WAKE_EVENT_PATH_MAX + 2);

	(void)state;
	assert_non_null(path);
	memset(path, 'x', WAKE_EVENT_PATH_MAX + 1);
	path[WAKE_EVENT_PATH_MAX + 1] = '\0';
	assert_int_equal(wake_event_add_path(list, path, &err), WAKE_INVALID);
	assert_int_equal(wake_event_read_path(path, &out, &err), WAKE_INVALID);
	path[WAKE_EVENT_PATH_MAX] = '\0';
	assert_comes_back(path);
	memset(path, '\xff', WAKE_EVENT_PATH_MAX / 4);
	path[WAKE_EVENT_PATH_MAX / 4] = '\0';
	assert_int_equal(wake_event_add_path(list, path, &err), WAKE_INVALID); /* its text is too long */
	path[WAKE_EVENT_PATH_MAX / 4 - 1] = '\0';
	assert_comes_back(path);
	assert_int_equal(wake_event_add_path(list, "", &err), WAKE_INVALID);
	assert_int_equal(json_array_size(list), 0);
	free(path);
}

static void refuses_what_is_no_path(void **state)
{
	static const char *const bad[] = { "", "\"", "\"\"", "\"a", "\"a\"b", "\"\\\"", "\"\\0\"", "\"\\000\"",
		"\"\\400\"", "\"\\18\"", "\"\\189\"", "\"\\x41\"", "\"\\", "\"a\\" };
	wake_auto_str struct wake_str out = WAKE_STR(WAKE_EVENT_PATH_MAX);

	(void)state;
	wake_str_append(&out, "kept");
	for (size_t i = 0; i < WAKE_COUNT(bad); i++) {
		if (wake_event_read_path(bad[i], &out, &err) != WAKE_INVALID)
			fail_msg("taken: %s", bad[i]);
		assert_string_equal(wake_str_text(&out), "kept");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_paths_stand_as_they_are),
		cmocka_unit_test(others_are_quoted),
		cmocka_unit_test(every_byte_comes_back),
		cmocka_unit_test(holds_to_the_maximum),
		cmocka_unit_test(refuses_what_is_no_path),
	};

	return cmocka_run_group_tests_name("event_path", tests, NULL, NULL);
}
