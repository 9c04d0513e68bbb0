/* SPDX-License-Identifier: MIT */
/* A rollout's openings: a process each, as far as the file tells; what is a fork's own. */
#include "rollouts.h"

static void a_turn_of_exec_is_an_opening(void **state)
{
	assert_reads(state, "", "");
	assert_reads(state, META("00", "s1", EXEC), "");
	assert_reads(state,
	    META("00", "s1", EXEC) STARTED("01", "t1", "exec") CONTEXT("02", "t1", "gpt-x") ITEM("03", "u1",
	        "Do") RECORD("04", "r1", USAGE("100", "30", "20", "7"), USAGE("100", "30", "20", "7"))
	        COUNT("04", USAGE("100", "30", "20", "7"), USAGE("100", "30", "20", "7"))
	            COMPLETE("05", "Done"),
	    "1 answered over turns:1 gpt-x 50/30/20/7 'Done' prompt:Do\n");
	/* Resumed: written on, and nothing marks where. */
	assert_reads(state,
	    META("00", "s1", EXEC) STARTED("01", "t1", "exec") CONTEXT("02", "t1", "gpt-x") ITEM(
	        "03", "u1", "A") COMPLETE("05", "x") STARTED("11", "t2", "exec") CONTEXT("12", "t2", "gpt-y")
	        ITEM("13", "u2", "B") RECORD("14", "r2", USAGE("5", "0", "0", "1"), USAGE("5", "0", "0", "1"))
	            COMPLETE("15", "y"),
	    "1 answered over turns:1 gpt-x 'x' prompt:A\n2 answered over turns:1 gpt-y 5/0/0/1 'y' "
	    "prompt:B\n");
	/* Killed in the middle, and resumed. */
	assert_reads(state,
	    META("00", "s1", EXEC) STARTED("01", "t1", "exec") ITEM("03", "u1", "A") STARTED(
	        "11", "t2", "exec") CONTEXT("12", "t2", "gpt-y") ITEM("13", "u2", "B") COMPLETE("15", "y"),
	    "1 prompted turns:0 - prompt:A\n2 answered over turns:1 gpt-y 'y' prompt:B\n");
}

static void what_a_person_does_there_is_one_opening(void **state)
{
	assert_reads(state,
	    META("00", "s1", CLI) STARTED("01", "t1", "user") CONTEXT("02", "t1", "gpt-x")
	        ITEM("03", "u1", "A") COMPLETE("05", "x") STARTED("11", "t2", "user")
	            CONTEXT("12", "t2", "gpt-y") ITEM("13", "u2", "B") COMPLETE("15", "y"),
	    "1 answered turns:2 gpt-y 'y' prompt:A prompt:B\n");
	/* Gone on with by exec, and by a person again. */
	assert_reads(state,
	    META("00", "s1", CLI) STARTED("01", "t1", "user") ITEM("03", "u1", "A") COMPLETE("05", "x")
	        STARTED("11", "t2", "exec") ITEM("13", "u2", "B") COMPLETE("15", "y")
	            STARTED("21", "t3", "user") ITEM("23", "u3", "C") COMPLETE("25", "z"),
	    "1 answered turns:1 - 'x' prompt:A\n2 answered over turns:1 - 'y' prompt:B\n"
	    "3 answered turns:1 - 'z' prompt:C\n");
}

static void older_versions_tell_no_turns(void **state)
{
	assert_reads(state,
	    META("00", "s1", EXEC) CONTEXT("02", "", "gpt-x") SAID("03", "A")
	        COUNT("04", USAGE("9", "0", "0", "1"), USAGE("9", "0", "0", "1"))
	            EVENT("05", "agent_message", ",\"message\":\"x\"") CONTEXT("12", "", "gpt-y")
	                SAID("13", "B") EVENT("15", "agent_message", ",\"message\":\"y\""),
	    "1 answered turns:0 gpt-x 9/0/0/1 'x' prompt:A\n2 answered turns:0 gpt-y 'y' prompt:B\n");
	assert_reads(state,
	    META("00", "s1", CLI) CONTEXT("02", "", "gpt-x") SAID("03", "A")
	        EVENT("05", "agent_message", ",\"message\":\"x\"") CONTEXT("12", "", "gpt-y") SAID("13", "B"),
	    "1 prompted turns:0 gpt-y 'x' prompt:A prompt:B\n");
}

#define COPIED                                                                                               \
	META("10", "s0", EXEC)                                                                               \
	CONTEXT("10", "t1", "gpt-x") SAID("10", "A")                                                         \
	    COUNT("10", USAGE("9", "0", "0", "1"), USAGE("9", "0", "0", "1"))                                \
	        EVENT("10", "agent_message", ",\"message\":\"x\"")

static void a_fork_has_what_comes_behind_the_copy(void **state)
{
	static const char own[] = CONTEXT("12", "t2", "gpt-y") SAID("13", "B")
	    COUNT("14", USAGE("8", "0", "0", "2"), USAGE("17", "0", "0", "3"));
	wake_auto_free char *first = NULL, *copy = NULL, *text = NULL, *words = NULL, *nothing = NULL;
	struct wake_transcript_reading reading = { 0 };
	struct told told = { 0 };
	char id[WAKE_ID_SIZE];

	first = read_text(state, COPIED, &told, &reading);
	memcpy(id, told.last, sizeof(id));
	/* A copy is known by what it is of, though its lines have other times. */
	reading = (struct wake_transcript_reading){ 0 };
	copy = read_text(state, META("10", "s1", EXEC ",\"forked_from_id\":\"s0\"") COPIED, &told, &reading);
	assert_string_equal(told.last, id);

	told.elsewhere[0] = id;
	assert_true(
	    asprintf(&text, "%s%s%s", META("10", "s1", EXEC ",\"forked_from_id\":\"s0\""), COPIED, own) > 0);
	reading = (struct wake_transcript_reading){ 0 };
	words = read_text(state, text, &told, &reading);
	assert_string_equal(words, "1 working turns:0 gpt-y 8/0/0/2 prompt:B\n");
	reading = (struct wake_transcript_reading){ 0 };
	nothing =
	    read_text(state, META("10", "s1", EXEC ",\"forked_from_id\":\"s0\"") COPIED, &told, &reading);
	assert_string_equal(nothing, "");
}

static void a_fork_may_copy_nothing(void **state)
{
	assert_reads(state,
	    META("10", "s1", EXEC ",\"forked_from_id\":\"s0\",\"history_base\":{\"thread_id\":\"s0\"}")
	        STARTED("11", "t2", "exec") COUNT("11", USAGE("9", "0", "0", "1"), USAGE("9", "0", "0", "1"))
	            RECORD("14", "r2", USAGE("8", "0", "0", "2"), USAGE("17", "0", "0", "3"))
	                COMPLETE("15", "y"),
	    "1 answered over turns:1 - 8/0/0/2 'y'\n");
}

static void threads_beside_count(void **state)
{
	wake_auto_free char *one = scratch_path(state, "beside.jsonl"), *words = NULL;
	const char *beside[] = { one, "/nowhere/rollout.jsonl" };
	struct wake_transcript_reading reading = { .beside = beside, .beside_count = 2 };
	struct told told = { 0 };

	scratch_write(one, META("01", "s2", ",\"source\":{\"subagent\":{}}") CONTEXT("01", "t9", "gpt-z")
	                       SAID("02", "no person") RECORD("03", "r9", USAGE("70", "0", "0", "7"),
	                           USAGE("70", "0", "0", "7")) "no JSON\n");
	words = read_text(state,
	    META("00", "s1", EXEC) STARTED("01", "t1", "exec") ITEM("03", "u1", "A")
	        RECORD("04", "r1", USAGE("5", "0", "0", "1"), USAGE("5", "0", "0", "1")) COMPLETE("05", "x"),
	    &told, &reading);
	assert_string_equal(words, "1 answered over turns:1 - 5/0/0/1 70/0/0/7 'x' prompt:A\n");
	assert_int_equal(reading.unreadable, 1);
}

static void hostile_lines_lose_nothing(void **state)
{
	struct wake_transcript_reading reading = { 0 };
	struct told told = { 0 };
	wake_auto_free char *words = read_text(state,
	    "\n\xff\xfe\n{\"type\":\"event_msg\"\n[1]\n{}\n" LINE("00", "session_meta", "\"id\":7") META(
	        "00", "s1", EXEC) STARTED("01", "t1", "exec") ITEM("03", "u1", "a\\u0000b\\ud800c")
	        RECORD("04", "r0", USAGE("99999999999999999999", "0", "0", "1"), USAGE("1", "0", "0", "1"))
	            RECORD("04", "r1", USAGE("5", "6", "0", "1"), USAGE("5", "6", "0", "1"))
	                RECORD("04", "", USAGE("5", "0", "0", "1"), USAGE("5", "0", "0", "1"))
	                    RECORD("04", "r2", USAGE("-5", "0", "0", "1"), USAGE("5", "0", "0", "1"))
	                        RECORD("04", "r3", USAGE("5", "1", "1", "1"), USAGE("1e999", "0", "0", "1"))
	                            EVENT("04", "token_count", ",\"info\":null")
	                                EVENT("05", "task_complete", ",\"last_agent_message\":{\"x\":1}"),
	    &told, &reading);

	assert_string_equal(words, "1 answered over turns:1 - 3/1/1/1 prompt:a\xef\xbf\xbd"
	                           "b\xef\xbf\xbd"
	                           "c\n");
	assert_int_equal(reading.unreadable, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_turn_of_exec_is_an_opening, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    what_a_person_does_there_is_one_opening, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(older_versions_tell_no_turns, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    a_fork_has_what_comes_behind_the_copy, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_fork_may_copy_nothing, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(threads_beside_count, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(hostile_lines_lose_nothing, scratch_make, scratch_remove),
	};

	return cmocka_run_group_tests_name("transcript_codex", tests, NULL, NULL);
}
