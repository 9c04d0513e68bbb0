/* SPDX-License-Identifier: MIT */
/* What responses took: each once, however often it is told. */
#include "rollouts.h"

static void a_sum_that_stays_is_nothing_new(void **state)
{
	assert_reads(state,
	    META("00", "s1", CLI) CONTEXT("02", "t1", "m") SAID("03", "A")
	        COUNT("04", USAGE("9", "3", "0", "1"), USAGE("9", "3", "0", "1"))
	            COUNT("05", USAGE("9", "3", "0", "1"), USAGE("9", "3", "0", "1"))
	                COUNT("06", USAGE("8", "0", "0", "2"), USAGE("17", "3", "0", "3")),
	    "1 working turns:0 m 6/3/0/1 8/0/0/2 prompt:A\n");
}

static void a_record_and_its_count_are_one(void **state)
{
	assert_reads(state,
	    META("00", "s1", EXEC) STARTED("01", "t1", "exec") ITEM("03", "u1", "A")
	        RECORD("04", "r1", USAGE("9", "3", "2", "1"), USAGE("9", "3", "2", "1"))
	            COUNT("05", USAGE("9", "3", "2", "1"), USAGE("9", "3", "2", "1"))
	                RECORD("06", "r1", USAGE("9", "3", "2", "1"), USAGE("9", "3", "2", "1"))
	    /* A compaction: of the last response only the context is told. */
	    COUNT("07", USAGE("0", "0", "0", "0"), USAGE("9", "3", "2", "1")),
	    "1 working turns:0 - 4/3/2/1 prompt:A\n");
}

static void a_session_may_have_been_begun_by_an_older_version(void **state)
{
	assert_reads(state,
	    META("00", "s1", EXEC) CONTEXT("02", "", "m") SAID("03", "A")
	        COUNT("04", USAGE("9", "0", "0", "1"), USAGE("9", "0", "0", "1")) EVENT("05", "agent_message",
	            ",\"message\":\"x\"") STARTED("11", "t1", "exec") CONTEXT("12", "t1", "n") ITEM("13",
	            "u2", "B") RECORD("14", "r1", USAGE("8", "0", "0", "2"), USAGE("17", "0", "0", "3"))
	            COUNT("15", USAGE("8", "0", "0", "2"), USAGE("17", "0", "0", "3")) COMPLETE("16", "y"),
	    "1 answered turns:0 m 9/0/0/1 'x' prompt:A\n2 answered over turns:1 n 8/0/0/2 'y' prompt:B\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_sum_that_stays_is_nothing_new, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_record_and_its_count_are_one, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    a_session_may_have_been_begun_by_an_older_version, scratch_make, scratch_remove),
	};

	return cmocka_run_group_tests_name("transcript_codex_usage", tests, NULL, NULL);
}
