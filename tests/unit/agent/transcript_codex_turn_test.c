/* SPDX-License-Identifier: MIT */
/* How turns end, and what people said in them. */
#include "rollouts.h"

#define BEGIN                                                                                                \
	META("00", "s1", EXEC) STARTED("01", "t1", "exec") CONTEXT("02", "t1", "m") ITEM("03", "u1", "Do")

static void ends_are_told_apart(void **state)
{
	assert_reads(state, BEGIN, "1 prompted turns:0 m prompt:Do\n");
	assert_reads(state, BEGIN RECORD("04", "r1", USAGE("5", "0", "0", "1"), USAGE("5", "0", "0", "1")),
	    "1 working turns:0 m 5/0/0/1 prompt:Do\n");
	assert_reads(state, BEGIN ABORTED("05", "interrupted"),
	    "1 interrupted over turns:1 m prompt:Do interrupt:interrupted\n");
	assert_reads(state, BEGIN ABORTED("05", "replaced"), "1 interrupted over turns:1 m prompt:Do\n");
	assert_reads(state,
	    BEGIN EVENT(
	        "05", "task_complete", ",\"last_agent_message\":null,\"error\":{\"message\":\"no quota\"}"),
	    "1 failed over turns:1 m !no quota prompt:Do\n");
	/* Older versions tell an error only as it comes. */
	assert_reads(state,
	    BEGIN EVENT("04", "error", ",\"message\":\"no quota\"") EVENT("05", "task_complete", ""),
	    "1 failed over turns:1 m !no quota prompt:Do\n");
	assert_reads(state, BEGIN EVENT("04", "error", ",\"message\":\"again\"") COMPLETE("05", "x"),
	    "1 answered over turns:1 m 'x' !again prompt:Do\n");
}

static void what_is_no_prompt_stays_out(void **state)
{
	assert_reads(state,
	    META("00", "s1", CLI) EVENT("03", "user_message",
	        ",\"message\":\"<x>\",\"kind\":\"environment_context\"") EVENT("03", "user_message",
	        ",\"message\":\"  \"") EVENT("03", "user_message", ",\"message\":\"A\",\"kind\":\"plain\"")
	        LINE("04", "response_item", "\"type\":\"message\",\"role\":\"user\"")
	            EVENT("05", "item_completed", ",\"item\":{\"type\":\"CommandExecution\",\"id\":\"c\"}"),
	    "1 prompted turns:0 - prompt:A\n");
}

static void what_is_said_meanwhile_waited(void **state)
{
	assert_reads(state,
	    META("00", "s1", CLI) STARTED("01", "t1", "user") CONTEXT("02", "t1", "m") ITEM("03", "u1", "A")
	        RECORD("04", "r1", USAGE("5", "0", "0", "1"), USAGE("5", "0", "0", "1"))
	            ITEM("05", "u2", "B"),
	    "1 prompted turns:0 m 5/0/0/1 prompt:A queued:B\n");
}

static void two_of_one_text_are_two(void **state)
{
	assert_reads(state, META("00", "s1", CLI) SAID("03", "A") SAID("03", "A"),
	    "1 prompted turns:0 - prompt:A prompt:A\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ends_are_told_apart, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(what_is_no_prompt_stays_out, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(what_is_said_meanwhile_waited, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(two_of_one_text_are_two, scratch_make, scratch_remove),
	};

	return cmocka_run_group_tests_name("transcript_codex_turn", tests, NULL, NULL);
}
