/* SPDX-License-Identifier: MIT */
/* agent/claude_settings: what is wired in settings, and what is no settings. */
#include "settings_texts.h"

static void what_is_wired_is_seen(void **state)
{
	static const char text[] = "{\"hooks\":{\"Stop\":[" THEIRS ",{\"hooks\":[" HANDLER(
	    OURS) "]}],\"Later\":[{\"hooks\":[" HANDLER(OTHER) "]}],\"SessionEnd\":[" THEIRS
	                                                       "]},\"disableAllHooks\":true}";
	wake_auto_claude_wired struct wake_claude_wired wired = { 0 };

	(void)state;
	assert_int_equal(wake_claude_settings_look(text, strlen(text), &wired, &err), WAKE_OK);
	assert_int_equal(wired.count, 1);
	for (size_t i = 0; i < WAKE_CLAUDE_EVENTS; i++)
		assert_int_equal(wired.events[i], strcmp(wake_claude_events[i], "Stop") == 0);
	assert_string_equal(wired.program, OURS);
	assert_true(wired.is_mixed);
	assert_true(wired.hooks_disabled);
	assert_false(wired.managed_only);
}

static void nothing_is_wired_in_others(void **state)
{
	static const char *const texts[] = { "", " \n", "{}", "{\"hooks\":1}", "{\"hooks\":{\"Stop\":5}}",
		"{\"hooks\":{\"Stop\":[1,{},{\"hooks\":7},{\"hooks\":[8]}," THEIRS "]}}",
		"{\"hooks\":{\"Stop\":[{\"hooks\":[" HANDLER(OURS) "]}]},\"hook\\u0073\":{}}" };

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(texts); i++) {
		wake_auto_claude_wired struct wake_claude_wired wired = { 0 };

		assert_int_equal(
		    wake_claude_settings_look(texts[i], strlen(texts[i]), &wired, &err), WAKE_OK);
		assert_int_equal(wired.count, 0);
		assert_null(wired.program);
	}
}

static void what_is_no_settings_is_refused(void **state)
{
	static const char *const texts[] = { "[]", "1", "null", "{", "{}x", "{\"a\":1,}", "// why\n{}",
		"{/* why */}", "{\"a\":1e999}", "{\"a\":\"\\ud800\"}", "{'a':1}", "{\"a\":\"\t\"}",
		"\xef\xbb\xbf\xef\xbb\xbf{}", "\xff\xfe{}", "{\"a\":\"\xff\"}", "{]" };
	struct wake_claude_edit edit = { 0 };
	struct wake_claude_wired wired = { 0 };

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(texts); i++) {
		size_t len = strlen(texts[i]);

		if (wake_claude_settings_look(texts[i], len, &wired, &err) != WAKE_INVALID ||
		    wake_claude_settings_wire(texts[i], len, OURS, &edit, &err) != WAKE_INVALID ||
		    wake_claude_settings_unwire(texts[i], len, NULL, &edit, &err) != WAKE_INVALID)
			fail_msg("%s is taken", texts[i]);
		assert_true(err.text[0] != '\0');
	}
	assert_int_equal(wake_claude_settings_look("{}\0", 3, &wired, &err), WAKE_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wired_is_seen),
		cmocka_unit_test(nothing_is_wired_in_others),
		cmocka_unit_test(what_is_no_settings_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
