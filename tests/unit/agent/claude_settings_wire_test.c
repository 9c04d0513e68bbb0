/* SPDX-License-Identifier: MIT */
/* agent/claude_settings_wire: ours is in, all else is as it was, in whatever way it is written. */
#include "settings_texts.h"

#define EVENTS_OF(stop, end) "{\"hooks\":{\"SessionEnd\":[" end "],\"Stop\":[" stop "]}}"

/* Every byte that was there is there still, in its order: the change cuts nothing and undoes. */
static void check_wired(const char *text, size_t len)
{
	wake_auto_claude_edit struct wake_claude_edit edit = { 0 }, again = { 0 };
	wake_auto_str struct wake_str before = WAKE_STR(WAKE_CLAUDE_SETTINGS_MAX);
	wake_auto_json json_t *expected = settings_union(text, len, OURS);
	wake_auto_json json_t *actual = NULL;

	settings_wire(text, len, OURS, &edit);
	actual = settings_parse(edit.text.data, edit.text.len);
	if (!json_equal(actual, expected))
		fail_msg("%s", edit.text.data);
	assert_int_equal(
	    wake_text_change_undo(&edit.change, edit.text.data, edit.text.len, &before, &err), WAKE_OK);
	assert_int_equal(before.len, len);
	assert_memory_equal(wake_str_text(&before), text, len);
	settings_wire(edit.text.data, edit.text.len, OURS, &again);
	assert_int_equal(again.change.count, 0);
	assert_string_equal(again.text.data, edit.text.data);
}

static void whatever_the_shape(void **state)
{
	static const char *const texts[] = { "", "\n", " \t\r\n", "\xef\xbb\xbf", "\xef\xbb\xbf{}\r\n", "{}",
		"{ }", "{\n}", "{}\n", "{\"a\":1}", "{ \"a\" : 1 }", "{\n\"a\":1\n}", "{\n  \"a\": 1\n}\n",
		"{\r\n\t\"a\": 1.50e+3,\r\n\t\"a\": [1,\r\n2]\r\n}\r\n", "{\"hooks\":{}}",
		"{\n\t\"hooks\": {\n\t}\n}", "{\"hooks\":{\"Stop\":[]}}",
		"{\n \"hooks\": { \"Stop\": [ ] } }", EVENTS_OF(THEIRS, THEIRS "," THEIRS),
		"{\"hook\\u0073\":{\"St\\u006fp\":[" THEIRS "]}}",
		"{\"hooks\":{\"Stop\":[" THEIRS "]},\"hooks\":{\"Stop\":[]}}",
		"{\"hooks\":{\"Stop\":[" THEIRS "],\"Stop\":[]},\"b\":\"}]{[\\\"\"}",
		"{\"hooks\":{\"Other\":5,\"Stop\":[7,null]}}",
		"{\n  \"hooks\": {\n    \"Stop\": [{\n      \"hooks\": []\n    }]\n  }\n}",
		"{\"a\":\"\\u0000\\/\"}", "{\"a\"\n:\n1\n,\n\"b\":2}", "{\"disableAllHooks\":true}",
		"{\"a\":1,\r\"b\":2}" };

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(texts); i++)
		check_wired(texts[i], strlen(texts[i]));
}

static void however_large(void **state)
{
	wake_auto_str struct wake_str text = WAKE_STR(WAKE_CLAUDE_SETTINGS_MAX + 64);

	(void)state;
	wake_str_append(&text, "{\n  \"hooks\": {\n    \"Stop\": [");
	for (int i = 0; i < 50000; i++)
		wake_str_appendf(&text, "%s\n      {\"matcher\": \"%d\", \"hooks\": []}", i ? "," : "", i);
	wake_str_append(&text, "\n    ]\n  }\n}\n");
	check_wired(text.data, text.len);
	while (text.len <= WAKE_CLAUDE_SETTINGS_MAX)
		wake_str_append(&text, "                                                                ");
	{
		wake_auto_claude_edit struct wake_claude_edit edit = { 0 };

		assert_int_equal(
		    wake_claude_settings_wire(text.data, text.len, OURS, &edit, &err), WAKE_INVALID);
	}
}

/* What a person would have written. */
static void in_the_settings_own_way(void **state)
{
	static const char before[] =
	    "{\r\n\t\"model\": \"m\",\r\n\t\"hooks\": {\r\n\t\t\"Stop\": [],\r\n\t\t\"SessionEnd\": "
	    "[{\r\n\t\t\t\"hooks\": []\r\n\t\t}]\r\n\t}\r\n}";
	static const char stop[] =
	    "\"Stop\": [\r\n\t\t\t{\r\n\t\t\t\t\"hooks\": [\r\n\t\t\t\t\t{\r\n\t\t\t\t\t\t\"type\": "
	    "\"command\",\r\n\t\t\t\t\t\t\"command\": \"" OURS
	    "\",\r\n\t\t\t\t\t\t\"args\": [],\r\n\t\t\t\t\t\t\"timeout\": "
	    "10\r\n\t\t\t\t\t}\r\n\t\t\t\t]\r\n\t\t\t}\r\n\t\t],\r\n\t\t\"SessionEnd\"";
	static const char end[] = "\r\n\t\t}, {\r\n\t\t\t\"hooks\": [\r\n\t\t\t\t{\r\n\t\t\t\t\t\"type\"";
	wake_auto_claude_edit struct wake_claude_edit tabs = { 0 }, line = { 0 };

	(void)state;
	settings_wire(before, strlen(before), OURS, &tabs);
	assert_non_null(strstr(tabs.text.data, stop));
	assert_non_null(strstr(tabs.text.data, end));
	settings_wire("{\"a\":1, \"hooks\":{}}", 19, OURS, &line);
	assert_null(strchr(line.text.data, '\n'));
	assert_non_null(
	    strstr(line.text.data, "{\"SessionStart\":[{\"hooks\":[{\"type\":\"command\", \"command\":"));
}

static void an_older_prefix_is_renewed(void **state)
{
	static const char text[] =
	    "{\"hooks\":{\"Stop\":[{\"matcher\":\"x\",\"hooks\":[{\"type\":\"command\", \"timeout\":99, "
	    "\"command\" : \"\\/opt/two/libexec/runwake/hooks/claude-code\" "
	    "}]}],\"Later\":[{\"hooks\":[" HANDLER(OTHER) "]}]}}";
	static const char kept[] =
	    "{\"matcher\":\"x\",\"hooks\":[{\"type\":\"command\", \"timeout\":99, \"command\" : \"" OURS
	    "\" }]}]";
	wake_auto_claude_edit struct wake_claude_edit edit = { 0 };
	wake_auto_claude_wired struct wake_claude_wired wired = { 0 };

	(void)state;
	settings_wire(text, strlen(text), OURS, &edit);
	assert_non_null(strstr(edit.text.data, kept));
	assert_null(strstr(edit.text.data, "/opt/two"));
	assert_int_equal(wake_claude_settings_look(edit.text.data, edit.text.len, &wired, &err), WAKE_OK);
	assert_int_equal(wired.count, WAKE_CLAUDE_EVENTS);
	assert_false(wired.is_mixed);
}

static void what_cannot_take_ours_is_refused(void **state)
{
	static const struct {
		const char *text, *named;
	} rows[] = {
		{ "{\"hooks\":[]}", "\"hooks\"" },
		{ "{\"hooks\":null}", "\"hooks\"" },
		{ "{\"hooks\":{\"Stop\":{}}}", "\"Stop\"" },
		{ "{\"hooks\":{\"Stop\":[],\"SessionEnd\":null}}", "\"SessionEnd\"" },
	};
	struct wake_claude_edit edit = { 0 };

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(rows); i++) {
		assert_int_equal(
		    wake_claude_settings_wire(rows[i].text, strlen(rows[i].text), OURS, &edit, &err),
		    WAKE_INVALID);
		assert_non_null(strstr(err.text, rows[i].named));
	}
	assert_int_equal(
	    wake_claude_settings_wire("{}", 2, "/\xff" WAKE_CLAUDE_HOOK_TAIL, &edit, &err), WAKE_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_the_shape),
		cmocka_unit_test(however_large),
		cmocka_unit_test(in_the_settings_own_way),
		cmocka_unit_test(an_older_prefix_is_renewed),
		cmocka_unit_test(what_cannot_take_ours_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
