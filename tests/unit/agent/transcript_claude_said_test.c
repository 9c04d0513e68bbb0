/* SPDX-License-Identifier: MIT */
/* User lines: what a person said and did, and nothing else. */
#include "transcripts.h"

#define RESULT(minute, use, members)                                                                         \
	USER(minute,                                                                                         \
	    "\"message\":{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"" use   \
	    "\",\"content\":\"x\"}]}" members)
#define USE(minute, id, use, name)                                                                           \
	ASSISTANT(minute,                                                                                    \
	    "\"id\":\"" id "\",\"model\":\"m\",\"content\":[{\"type\":\"tool_use\",\"id\":\"" use            \
	    "\",\"name\":\"" name "\",\"input\":{}}],"                                                       \
	    "\"usage\":{\"input_tokens\":1,\"output_tokens\":1}",                                            \
	    "")
#define TEXT(minute, text, members)                                                                          \
	USER(minute, "\"message\":{\"content\":[{\"type\":\"text\",\"text\":\"" text "\"}]}" members)

static void prompts_are_those_of_who_asks(void **state)
{
	assert_reads(state,
	    TEXT("01", "typed",
	        ",\"promptSource\":\"typed\",\"origin\":{\"kind\":\"human\"},\"turnOrigin\":\"human\""),
	    "1 prompted 0:0/0 prompt:typed\n");
	assert_reads(state, TEXT("01", "by a program", ",\"promptSource\":\"sdk\",\"turnOrigin\":\"sdk\""),
	    "1 prompted 0:0/0 prompt:by a program\n");
	assert_reads(state, TEXT("01", "x", "") TEXT("02", "waited", ",\"promptSource\":\"queued\""),
	    "1 prompted 0:0/0 prompt:x queued:waited\n");
	assert_reads(
	    state, TEXT("01", "x", ",\"origin\":{\"kind\":\"task-notification\"}"), "1 prompted 0:0/0\n");
	assert_reads(state, TEXT("01", "x", ",\"turnOrigin\":\"loop\""), "1 prompted 0:0/0\n");
	assert_reads(state,
	    USER("01", "\"message\":{\"content\":[{\"type\":\"text\",\"text\":\"see "
	               "\"},{\"type\":\"image\",\"source\":{}},{\"type\":\"text\",\"text\":\"?\"}]}"),
	    "1 prompted 0:0/0 prompt:see [image]?\n");
}

static void what_the_client_writes_is_no_prompt(void **state)
{
	static const char *const lines[] = { TEXT("01", "x", ",\"isMeta\":true"),
		TEXT("01", "x", ",\"isCompactSummary\":true"),
		TEXT("01", "x", ",\"isVisibleInTranscriptOnly\":true"),
		TEXT("01", "x", ",\"isSidechain\":true"),
		TEXT("01", "<command-name>/model</command-name>", ""),
		TEXT("01", "<local-command-stdout>x", ""), TEXT("01", "<bash-input>ls</bash-input>", ""),
		TEXT("01", "  \\n ", ""), TEXT("01", "", ""), USER("01", "\"message\":{\"content\":7}") };

	for (size_t i = 0; i < WAKE_COUNT(lines); i++)
		assert_reads(state, lines[i], "");
}

static void commands_are_undressed(void **state)
{
	assert_reads(state,
	    TEXT("01",
	        "<command-message>fix is "
	        "running…</command-message>\\n<command-name>/fix</command-name>\\n<command-args>all of "
	        "it</command-args>",
	        ""),
	    "1 prompted 0:0/0 prompt:/fix all of it\n");
	assert_reads(state,
	    TEXT("01", "<command-message>x</command-message><command-name>/init</command-name>", ""),
	    "1 prompted 0:0/0 prompt:/init\n");
	assert_reads(state, TEXT("01", "<command-message>broken", ""), "1 prompted 0:0/0 prompt:\n");
}

static int keep_message(
    void *context, const struct wake_transcript_opening *opening, struct wake_error *ret_err)
{
	(void)ret_err;
	assert_int_equal(opening->said_count, 2);
	memcpy(context, opening->said[0].message, WAKE_ID_SIZE);
	assert_string_not_equal(opening->said[0].message, opening->said[1].message);
	return WAKE_OK;
}

/* What a hook calls a prompt is in the line. */
static void a_prompt_is_known_by_its_own_id(void **state)
{
	wake_auto_free char *path = scratch_path(state, "s.jsonl");
	char id[WAKE_ID_SIZE], found[WAKE_ID_SIZE];
	struct wake_transcript_reading reading = { .path = path, .each = keep_message, .context = found };

	scratch_write(path, PROMPT("01", "p1", "x") PROMPT("02", "p2", "x"));
	assert_int_equal(wake_transcript_claude_read(&reading, &err), WAKE_OK);
	wake_agent_message_id(WAKE_AGENT_CLAUDE, "prompt", "p1", id);
	assert_string_equal(found, id);
}

static void decisions_are_a_persons_or_nobodys(void **state)
{
	static const char start[] = PROMPT("01", "p", "x") USE("02", "a", "u1", "Bash");
	static const struct {
		const char *members, *said;
	} cases[] = {
		{ ",\"permissionDecision\":{\"decision\":\"accept\",\"source\":\"user_temporary\"}",
		    " granted:Bash" },
		{ ",\"permissionDecision\":{\"decision\":\"accept\",\"source\":\"user_permanent\"}",
		    " granted:Bash" },
		{ ",\"permissionDecision\":{\"decision\":\"accept\",\"source\":\"config\"}", "" },
		{ ",\"permissionDecision\":{\"decision\":\"accept\",\"source\":\"hook\"}", "" },
		{ ",\"permissionDecision\":{\"decision\":\"reject\",\"source\":\"user_reject\"},"
		  "\"toolDenialKind\":\"permission-rule\"",
		    " refused:Bash" },
		{ ",\"permissionDecision\":{\"decision\":\"reject\",\"source\":\"config\"},"
		  "\"toolDenialKind\":\"permission-rule\"",
		    "" },
		{ ",\"toolDenialKind\":\"user-rejected\"", " refused:Bash" },
		{ ",\"toolDenialKind\":\"permission-rule\"", "" },
		{ "", "" },
		{ ",\"toolUseResult\":{\"questions\":[{}],\"answers\":{\"A?\":\"one\",\"B?\":\"two\"}}",
		    " answer:A?: one\nB?: two" },
		{ ",\"toolUseResult\":{\"answers\":{\"A?\":\"not a question\"}}", "" },
		{ ",\"toolUseResult\":\"Error: x\"", "" },
	};

	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		wake_auto_free char *text = NULL, *expected = NULL;

		assert_true(asprintf(&text, "%s" RESULT("03", "u1", "%s"), start, cases[i].members) > 0);
		assert_true(asprintf(&expected, "1 working 1:1/1 prompt:x%s\n", cases[i].said) > 0);
		assert_reads(state, text, expected);
	}
	assert_reads(state,
	    PROMPT("01", "p", "x") RESULT("03", "u9", ",\"toolDenialKind\":\"user-rejected\""),
	    "1 working 0:0/0 prompt:x refused:tool\n");
}

static void an_interrupt_is_told_once(void **state)
{
	assert_reads(state, PROMPT("01", "p", "x") TEXT("02", "[Request interrupted by user]", ""),
	    "1 interrupted 0:0/0 prompt:x interrupt:[Request interrupted by user]\n");
	assert_reads(state,
	    PROMPT("01", "p", "x") USE("02", "a", "u1", "Bash")
	        RESULT("03", "u1", ",\"toolDenialKind\":\"user-rejected\"")
	            TEXT("04", "[Request interrupted by user for tool use]", ""),
	    "1 interrupted 1:1/1 prompt:x interrupt:[Request interrupted by user for tool use]\n");
	/* A refusal that a person decided stays beside it. */
	assert_reads(state,
	    PROMPT("01", "p", "x") USE("02", "a", "u1", "Bash") RESULT("03", "u1",
	        ",\"permissionDecision\":{\"decision\":\"reject\",\"source\":\"user_reject\"},"
	        "\"toolDenialKind\":\"user-rejected\"") TEXT("04", "[Request interrupted by user]", ""),
	    "1 interrupted 1:1/1 prompt:x refused:Bash interrupt:[Request interrupted by user]\n");
	assert_reads(state, TEXT("02", "[Request interrupted by user]", ""), "");
	assert_reads(state,
	    PROMPT("01", "p", "x") TEXT("02", "[Request interrupted by user]", "") PROMPT("03", "q", "y")
	        ANSWER("04", "a", "z", "1", "1"),
	    "1 answered 1:1/1 'z' prompt:x interrupt:[Request interrupted by user] prompt:y\n");
}

static void states_follow_the_conversation(void **state)
{
	assert_reads(
	    state, PROMPT("01", "p", "x") USE("02", "a", "u1", "Bash"), "1 working 1:1/1 prompt:x\n");
	assert_reads(state,
	    PROMPT("01", "p", "x") ANSWER("02", "a", "first", "1", "1") USE("03", "b", "u1", "Bash"),
	    "1 working 2:2/2 'first' prompt:x\n");
	assert_reads(state,
	    PROMPT("01", "p", "x") ASSISTANT("02",
	        "\"id\":\"e\",\"model\":\"<synthetic>\",\"content\":[{\"type\":\"text\",\"text\":\"API "
	        "Error\"}]",
	        ",\"isApiErrorMessage\":true"),
	    "1 failed 0:0/0 !API Error prompt:x\n");
	assert_reads(state,
	    PROMPT("01", "p", "x") ASSISTANT(
	        "02", "\"id\":\"e\",\"model\":\"<synthetic>\",\"content\":\"No response requested.\"", ""),
	    "1 prompted 0:0/0 prompt:x\n");
	assert_reads(state,
	    PROMPT("01", "p", "x") ASSISTANT("02",
	        "\"id\":\"e\",\"model\":\"m\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm\"}]", ""),
	    "1 working 0:0/0 prompt:x\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(prompts_are_those_of_who_asks, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    what_the_client_writes_is_no_prompt, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(commands_are_undressed, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    a_prompt_is_known_by_its_own_id, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    decisions_are_a_persons_or_nobodys, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(an_interrupt_is_told_once, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(states_follow_the_conversation, scratch_make, scratch_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
