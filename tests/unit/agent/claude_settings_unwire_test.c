/* SPDX-License-Identifier: MIT */
/* agent/claude_settings_unwire: ours is out, all else is as it was; and of documents at random, that settings
 * are what they were after wiring and unwiring. */
#include "settings_texts.h"

#define RANDOM_DOCUMENTS 3000
#define GROUP(handlers) "{\"hooks\":[" handlers "]}"
#define MINE HANDLER(OURS)
#define OLD HANDLER(OTHER)
#define YOURS "{\"type\":\"command\",\"command\":\"x\"}"

static void only_ours_go(void **state)
{
	static const struct {
		const char *before, *after;
		bool is_bare;
	} rows[] = {
		{ "{\"hooks\":{\"Stop\":[" GROUP(MINE) "]}}", "{}", true },
		{ "{ \"a\":1, \"hooks\":{\"Stop\":[" GROUP(MINE) "]} }", "{ \"a\":1 }", false },
		{ "{\"hooks\":{\"Stop\":[" GROUP(MINE) "]}, \"a\":1 }", "{\"a\":1 }", false },
		{ "{\"hooks\":{\"Stop\":[" GROUP(MINE) "],\"Other\":[]}}", "{\"hooks\":{\"Other\":[]}}",
		    false },
		{ "{\"hooks\":{\"Stop\":[" THEIRS ", " GROUP(MINE) ",\n" THEIRS "]}}",
		    "{\"hooks\":{\"Stop\":[" THEIRS ",\n" THEIRS "]}}", false },
		{ "{\"hooks\":{\"Stop\":[" GROUP(MINE) "," GROUP(OLD) ", " THEIRS "]}}",
		    "{\"hooks\":{\"Stop\":[" THEIRS "]}}", false },
		{ "{\"hooks\":{\"Stop\":[{\"hooks\":[" YOURS "," MINE "],\"matcher\":\"\"}]}}",
		    "{\"hooks\":{\"Stop\":[{\"hooks\":[" YOURS "],\"matcher\":\"\"}]}}", false },
		{ "{\"hooks\":{\"Stop\":[{\"hooks\":[" MINE ", " YOURS "," OLD
		  "]}],\"Later\":[" GROUP(MINE) "]}}",
		    "{\"hooks\":{\"Stop\":[{\"hooks\":[" YOURS "]}]}}", false },
		{ "{\"hooks\":{\"Stop\":[{\"hooks\":[]}," GROUP(MINE) "]}}",
		    "{\"hooks\":{\"Stop\":[{\"hooks\":[]}]}}", false },
		{ "{\"hooks\":{\"Stop\":[]},\"hooks\":{\"Stop\":[" GROUP(MINE) "]}}",
		    "{\"hooks\":{\"Stop\":[]},\"hooks\":{}}", false },
		{ "{\"hooks\":{\"Stop\":[" THEIRS "],\"Stop\":[" GROUP(MINE) "]}}",
		    "{\"hooks\":{\"Stop\":[" THEIRS "],\"Stop\":[]}}", false },
		{ "{\"hooks\":{\"Stop\":[" THEIRS "]}}", "{\"hooks\":{\"Stop\":[" THEIRS "]}}", false },
		{ "{\"hooks\":7}", "{\"hooks\":7}", false },
		{ "", "", true },
	};

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(rows); i++) {
		wake_auto_claude_edit struct wake_claude_edit edit = { 0 };

		settings_unwire(rows[i].before, strlen(rows[i].before), NULL, &edit);
		assert_string_equal(wake_str_text(&edit.text), rows[i].after);
		assert_int_equal(edit.is_bare, rows[i].is_bare);
	}
}

static void what_was_there_empty_stays(void **state)
{
	static const char text[] =
	    "{\"hooks\":{\"Stop\":[" GROUP(MINE) "],\"SessionEnd\":[" GROUP(MINE) "]}}";
	struct wake_claude_made made = { 0 };
	wake_auto_claude_edit struct wake_claude_edit none = { 0 }, one = { 0 }, two = { 0 };

	(void)state;
	settings_unwire(text, strlen(text), &made, &none);
	assert_string_equal(none.text.data, "{\"hooks\":{\"Stop\":[],\"SessionEnd\":[]}}");
	for (size_t i = 0; i < WAKE_CLAUDE_EVENTS; i++)
		made.events[i] = strcmp(wake_claude_events[i], "Stop") == 0;
	settings_unwire(text, strlen(text), &made, &one);
	assert_string_equal(one.text.data, "{\"hooks\":{\"SessionEnd\":[]}}");
	memset(made.events, true, sizeof(made.events));
	settings_unwire(text, strlen(text), &made, &two);
	assert_string_equal(two.text.data, "{\"hooks\":{}}");
}

/* ---- at random ----------------------------------------------------------------------------------- */

static uint64_t seed;

static unsigned pick(unsigned below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(seed >> 33) % below;
}

static void put_space(struct wake_str *out)
{
	static const char *const spaces[] = { "", "", "", " ", "\n", "\r\n", "\t", "\n    ", " \n\t" };

	wake_str_append(out, spaces[pick(WAKE_COUNT(spaces))]);
}

static void put_any(struct wake_str *out, int depth);

/* A list or an object of anything; names, too, which may come twice. */
static void put_many(struct wake_str *out, int depth, bool is_list)
{
	static const char *const names[] = { "a", "hooks", "hook\\u0073", "Stop", "é", "\\\"}", "", "type",
		"command" };
	unsigned count = pick(4);

	wake_str_append_char(out, is_list ? '[' : '{');
	put_space(out);
	for (unsigned i = 0; i < count; i++) {
		wake_str_append(out, i ? "," : "");
		put_space(out);
		if (!is_list) {
			wake_str_appendf(out, "\"%s\"", names[pick(WAKE_COUNT(names))]);
			put_space(out);
			wake_str_append_char(out, ':');
			put_space(out);
		}
		put_any(out, depth - 1);
		put_space(out);
	}
	wake_str_append_char(out, is_list ? ']' : '}');
}

static void put_any(struct wake_str *out, int depth)
{
	static const char *const scalars[] = { "1", "-0.50", "1e5", "true", "null", "\"\"",
		"\"x\\n\\u00e9\\\\\"", "\"]}\\\"{[\"", "9007199254740993", "\"command\"", MINE };

	if (depth <= 0 || pick(3) == 0)
		wake_str_append(out, scalars[pick(WAKE_COUNT(scalars) - 1)]);
	else
		put_many(out, depth, pick(2));
}

static void put_group(struct wake_str *out)
{
	static const char *const groups[] = { THEIRS, "{\"matcher\":\"a\", \"hooks\":[]}", "{}", "5",
		"{\"hooks\":[" YOURS ",\n" YOURS "]}", "{\n  \"hooks\": [\n    " YOURS "\n  ]\n}" };

	wake_str_append(out, groups[pick(WAKE_COUNT(groups))]);
}

static void put_hooks(struct wake_str *out)
{
	static const char *const events[] = { "Stop", "St\\u006fp", "SessionStart", "PreToolUse",
		"PostToolUse", "SessionEnd" };
	unsigned count = pick(4);

	wake_str_append(out, pick(4) ? "\"hooks\"" : "\"\\u0068ooks\"");
	wake_str_append(out, pick(2) ? ": {" : ":{");
	put_space(out);
	for (unsigned i = 0; i < count; i++) {
		unsigned groups = pick(3);

		wake_str_appendf(out, "%s\"%s\":[", i ? "," : "", events[pick(WAKE_COUNT(events))]);
		put_space(out);
		for (unsigned n = 0; n < groups; n++) {
			wake_str_append(out, n ? "," : "");
			put_space(out);
			put_group(out);
			put_space(out);
		}
		wake_str_append_char(out, ']');
		put_space(out);
	}
	wake_str_append_char(out, '}');
}

/* Settings with anything in them, and "hooks" somewhere, twice or nowhere. */
static void put_settings(struct wake_str *out)
{
	static const char *const names[] = { "model", "env", "Stop", "x\\ty" };
	unsigned count = pick(5), hooks = pick(6);

	wake_str_append(out, pick(8) ? "" : "\xef\xbb\xbf");
	put_space(out);
	wake_str_append_char(out, '{');
	put_space(out);
	for (unsigned i = 0; i < count; i++) {
		wake_str_append(out, i ? "," : "");
		put_space(out);
		if (i == hooks || i + 2 == hooks) {
			put_hooks(out);
		} else {
			wake_str_appendf(out, "\"%s\":", names[pick(WAKE_COUNT(names))]);
			put_any(out, 3);
		}
		put_space(out);
	}
	wake_str_append_char(out, '}');
	put_space(out);
}

/* Both ways out must lead back to what was there: the change undone, to the byte; ours taken out, in what is
 * said. */
static void check_round_trip(const char *text, size_t len)
{
	wake_auto_claude_edit struct wake_claude_edit wired = { 0 }, unwired = { 0 }, renewed = { 0 };
	wake_auto_str struct wake_str before = WAKE_STR(WAKE_CLAUDE_SETTINGS_MAX);
	wake_auto_json json_t *expected = settings_union(text, len, OURS);
	wake_auto_json json_t *values = settings_parse(text, len);
	wake_auto_json json_t *got = NULL;
	wake_auto_json json_t *after = NULL;

	settings_wire(text, len, OURS, &wired);
	got = settings_parse(wired.text.data, wired.text.len);
	assert_true(json_equal(got, expected));
	assert_int_equal(
	    wake_text_change_undo(&wired.change, wired.text.data, wired.text.len, &before, &err), WAKE_OK);
	assert_int_equal(before.len, len);
	assert_memory_equal(before.data, text, len);
	settings_wire(wired.text.data, wired.text.len, OTHER, &renewed);
	assert_int_equal(renewed.text.len, wired.text.len); /* the names are as long */
	assert_true(renewed.change.count >= WAKE_CLAUDE_EVENTS);
	settings_unwire(renewed.text.data, renewed.text.len, &wired.made, &unwired);
	after = settings_parse(unwired.text.data, unwired.text.len);
	if (!json_equal(after, values))
		fail_msg("%s\nwas\n%s\nand is\n%s", wired.text.data, text, unwired.text.data);
}

static void at_random(void **state)
{
	const char *given = getenv("RUNWAKE_TEST_SEED");

	(void)state;
	seed = given ? strtoull(given, NULL, 10) : 20261128;
	for (int i = 0; i < RANDOM_DOCUMENTS; i++) {
		wake_auto_str struct wake_str text = WAKE_STR(WAKE_CLAUDE_SETTINGS_MAX);

		put_settings(&text);
		check_round_trip(text.data, text.len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_ours_go),
		cmocka_unit_test(what_was_there_empty_stays),
		cmocka_unit_test(at_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
