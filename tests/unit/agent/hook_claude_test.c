/* SPDX-License-Identifier: MIT */
/* agent/hook_claude: payloads of the client's hooks. */
#include "agent/hook_claude.h"

#include "../base/scratch.h"

#define BASE "\"session_id\":\"s1\",\"transcript_path\":\"/t/s1.jsonl\",\"cwd\":\"/w\""
#define auto_hook wake_auto_claude_hook struct wake_claude_hook

static struct wake_error err;

static struct wake_claude_hook read_text(const char *text)
{
	struct wake_claude_hook hook = { 0 };

	if (wake_claude_hook_read(text, strlen(text), &hook, &err) != WAKE_OK)
		fail_msg("%s: %s", text, err.text);
	return hook;
}

static void says(struct wake_scan value, const char *expected)
{
	char text[64];

	assert_string_equal(wake_scan_copy(value, text, sizeof(text)), expected);
}

static void what_all_have(void **state)
{
	auto_hook hook = read_text(
	    " {" BASE ",\"hook_event_name\":\"UserPromptSubmit\",\"prompt_id\":\"p1\",\"prompt\":\"Do\\nit\","
	    "\"agent_id\":\"a1\",\"unknown\":[{\"prompt\":\"not this\"}]}\n");

	(void)state;
	assert_int_equal(hook.event, WAKE_CLAUDE_HOOK_PROMPT);
	assert_string_equal(hook.session, "s1");
	assert_string_equal(hook.transcript, "/t/s1.jsonl");
	assert_string_equal(hook.directory, "/w");
	assert_string_equal(hook.prompt_id, "p1");
	assert_string_equal(hook.agent_id, "a1");
	assert_false(hook.is_said_by_client);
	says(hook.prompt, "Do\nit");
	assert_null(hook.file);
}

static void each_event(void **state)
{
	static const char *const names[] = { "PreToolUse", "SessionStart", "UserPromptSubmit", "PostToolUse",
		"PermissionRequest", "PermissionDenied", "Stop", "StopFailure", "SubagentStop",
		"SessionEnd" };

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(names); i++) {
		wake_auto_free char *text = NULL;
		auto_hook hook = { 0 };

		assert_int_equal(
		    wake_str_format(&text, &err, "{" BASE ",\"hook_event_name\":\"%s\"}", names[i]), WAKE_OK);
		hook = read_text(text);
		assert_int_equal(hook.event, i);
		assert_string_equal(hook.session, i ? "s1" : "");
	}
}

static void why_it_starts(void **state)
{
	static const struct {
		const char *name;
		enum wake_claude_hook_source source;
	} sources[] = { { "\"startup\"", WAKE_CLAUDE_SOURCE_NEW }, { "\"clear\"", WAKE_CLAUDE_SOURCE_NEW },
		{ "\"fork\"", WAKE_CLAUDE_SOURCE_NEW }, { "\"resume\"", WAKE_CLAUDE_SOURCE_RESUME },
		{ "\"compact\"", WAKE_CLAUDE_SOURCE_COMPACT }, { "\"\"", WAKE_CLAUDE_SOURCE_OTHER },
		{ "7", WAKE_CLAUDE_SOURCE_OTHER } };

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(sources); i++) {
		wake_auto_free char *text = NULL;
		auto_hook hook = { 0 };

		assert_int_equal(
		    wake_str_format(&text, &err,
		        "{\"source\":%s,\"model\":\"m\"," BASE ",\"hook_event_name\":\"SessionStart\"}",
		        sources[i].name),
		    WAKE_OK);
		hook = read_text(text);
		assert_int_equal(hook.source, sources[i].source);
		assert_string_equal(hook.model, "m");
	}
}

static void who_says_a_prompt(void **state)
{
	auto_hook person =
	    read_text("{" BASE ",\"hook_event_name\":\"UserPromptSubmit\",\"source\":\"user\"}");
	auto_hook program =
	    read_text("{" BASE ",\"hook_event_name\":\"UserPromptSubmit\",\"source\":\"sdk\"}");
	auto_hook client =
	    read_text("{" BASE ",\"hook_event_name\":\"UserPromptSubmit\",\"source\":\"loop_wakeup\"}");

	(void)state;
	assert_false(person.is_said_by_client);
	assert_false(program.is_said_by_client);
	assert_true(client.is_said_by_client);
}

static void what_a_tool_was_to_edit(void **state)
{
	static const struct {
		const char *tool, *input, *file;
	} uses[] = { { "Write", "{\"content\":\"x\",\"file_path\":\"/w/a\"}", "/w/a" },
		{ "Edit", "{\"file_path\":\"/w/\\u00e9\"}", "/w/\xc3\xa9" },
		{ "MultiEdit", "{\"file_path\":\"b\"}", "b" },
		{ "NotebookEdit", "{\"notebook_path\":\"/n\",\"file_path\":\"/other\"}", "/n" },
		{ "Bash", "{\"file_path\":\"/w/a\"}", NULL }, { "Write", "{\"file_path\":[\"/w/a\"]}", NULL },
		{ "Write", "\"/w/a\"", NULL }, { "Write", "{\"file_path\":\"\"}", NULL },
		{ "write", "{\"file_path\":\"/w\"}", NULL } };

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(uses); i++) {
		wake_auto_free char *text = NULL;
		auto_hook hook = { 0 };

		assert_int_equal(
		    wake_str_format(&text, &err,
		        "{" BASE
		        ",\"hook_event_name\":\"PostToolUse\",\"tool_name\":\"%s\",\"tool_input\":%s,"
		        "\"tool_use_id\":\"u\"}",
		        uses[i].tool, uses[i].input),
		    WAKE_OK);
		hook = read_text(text);
		assert_string_equal(hook.tool, uses[i].tool);
		assert_string_equal(hook.use, "u");
		if (uses[i].file)
			assert_string_equal(hook.file, uses[i].file);
		else
			assert_null(hook.file);
	}
}

static void how_a_turn_ends(void **state)
{
	auto_hook stop =
	    read_text("{" BASE ",\"hook_event_name\":\"Stop\",\"last_assistant_message\":\"Done.\"}");
	auto_hook failure = read_text(
	    "{" BASE
	    ",\"hook_event_name\":\"StopFailure\",\"error\":\"overloaded\",\"error_details\":\"529\"}");

	(void)state;
	says(stop.answer, "Done.");
	assert_null(stop.error.at);
	says(failure.error, "overloaded");
	says(failure.error_details, "529");
}

static void what_is_no_payload(void **state)
{
	static const char *const texts[] = { "", "{", "[]", "null", "{}", "{\"hook_event_name\":\"Stop\"}",
		"{\"hook_event_name\":\"Stop\",\"session_id\":7}",
		"{\"hook_event_name\":\"Stop\",\"session_id\":\"\"}",
		"{\"hook_event_name\":[\"Stop\"],\"session_id\":\"s\"}",
		"{\"hook_event_name\":\"Stop\",\"session_id\":\"s\"",
		"{\"hook_event_name\":\"Stop\" \"session_id\":\"s\"}" };
	struct wake_claude_hook hook = { 0 };

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(texts); i++)
		assert_int_equal(
		    wake_claude_hook_read(texts[i], strlen(texts[i]), &hook, &err), WAKE_INVALID);
}

/* A name of 256 bytes is one; a longer one is none, and not its beginning. */
static void names_that_are_too_long(void **state)
{
	char name[258];

	(void)state;
	memset(name, 'n', sizeof(name));
	for (size_t len = 255; len <= 257; len++) {
		wake_auto_free char *text = NULL;
		auto_hook hook = { 0 };

		name[len] = '\0';
		assert_int_equal(
		    wake_str_format(&text, &err,
		        "{" BASE ",\"hook_event_name\":\"PostToolUse\",\"tool_name\":\"%s\"}", name),
		    WAKE_OK);
		hook = read_text(text);
		assert_string_equal(hook.tool, len <= 256 ? name : "");
		name[len] = 'n';
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_all_have),
		cmocka_unit_test(each_event),
		cmocka_unit_test(why_it_starts),
		cmocka_unit_test(who_says_a_prompt),
		cmocka_unit_test(what_a_tool_was_to_edit),
		cmocka_unit_test(how_a_turn_ends),
		cmocka_unit_test(what_is_no_payload),
		cmocka_unit_test(names_that_are_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
