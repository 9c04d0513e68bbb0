/* SPDX-License-Identifier: MIT */
/* agent/claude_hooks: which handlers are ours, and what ours look like. */
#include "agent/claude_hooks.h"

#include "../base/scratch.h"

static struct wake_error err;

static struct wake_scan whole(const char *text)
{
	struct wake_scan value = { NULL, 0 };
	size_t len = strlen(text);

	assert_true(wake_scan_take(&text, &len, &value));
	return value;
}

static void ours_are_told_from_others(void **state)
{
	static const struct {
		bool is_ours;
		const char *handler;
	} rows[] = {
		{ true, "{\"type\":\"command\",\"command\":\"/a b/libexec/runwake/hooks/claude-code\"}" },
		{ true,
		    "{\"timeout\":3,\"command\":\"\\/x\\/libexec/run\\u0077ake/hooks/claude-code\",\"type\":"
		    "\"comm\\u0061nd\"}" },
		{ true, "{\"type\":\"command\",\"command\":1,\"command\":\"/p/libexec/runwake/hooks/"
		        "claude-code\"}" },
		{ false, "{\"type\":\"command\",\"command\":\"/p/libexec/runwake/hooks/"
		         "claude-code\",\"command\":1}" },
		{ false, "{\"type\":\"http\",\"command\":\"/p/libexec/runwake/hooks/claude-code\"}" },
		{ false, "{\"command\":\"/p/libexec/runwake/hooks/claude-code\"}" },
		{ false, "{\"type\":\"command\",\"command\":\"/libexec/runwake/hooks/claude-code\"}" },
		{ false, "{\"type\":\"command\",\"command\":\"p/libexec/runwake/hooks/claude-code\"}" },
		{ false, "{\"type\":\"command\",\"command\":\"/p/libexec/runwake/hooks/claude-code \"}" },
		{ false,
		    "{\"type\":\"command\",\"command\":\"/p/libexec/runwake/hooks/claude-code\\u0000\"}" },
		{ false, "{\"type\":\"command\",\"command\":\"\"}" },
		{ false, "{}" },
		{ false, "[]" },
		{ false, "\"/p/libexec/runwake/hooks/claude-code\"" },
	};

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(rows); i++) {
		wake_auto_json json_t *json = NULL;

		if (wake_claude_hook_is_ours(whole(rows[i].handler)) != rows[i].is_ours)
			fail_msg("as text: %s", rows[i].handler);
		assert_int_equal(
		    wake_json_parse_theirs(rows[i].handler, strlen(rows[i].handler), &json, &err), WAKE_OK);
		if (wake_claude_hook_is_ours_json(json) != rows[i].is_ours)
			fail_msg("as a value: %s", rows[i].handler);
	}
}

static void the_last_member_counts(void **state)
{
	struct wake_scan root = whole("{\"a\":1,\"\\u0061\":2,\"ab\":3}"), key = { NULL, 0 };
	size_t count = 0;

	(void)state;
	assert_int_equal(*wake_claude_member(root, "a", &key, &count).at, '2');
	assert_int_equal(count, 2);
	assert_int_equal(key.len, 8);
	assert_null(wake_claude_member(root, "c", NULL, &count).at);
	assert_int_equal(count, 0);
	assert_null(wake_claude_member(whole("[1]"), "a", NULL, &count).at);
}

static void every_entry_is_one_that_is_ours(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAKE_CLAUDE_EVENTS; i++) {
		wake_auto_json json_t *entry =
		    wake_claude_hook_entry(wake_claude_events[i], "/p\"'$/libexec/runwake/hooks/claude-code");
		const json_t *handler = json_array_get(json_object_get(entry, "hooks"), 0);

		assert_true(wake_claude_hook_is_ours_json(handler));
		assert_true(json_is_array(json_object_get(handler, "args"))); /* no shell */
		assert_int_equal(
		    !strcmp(wake_claude_events[i], "PostToolUse"), json_object_get(entry, "matcher") != NULL);
		assert_string_not_equal(wake_claude_events[i], "WorktreeCreate");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ours_are_told_from_others),
		cmocka_unit_test(the_last_member_counts),
		cmocka_unit_test(every_entry_is_one_that_is_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
