/* SPDX-License-Identifier: MIT */
/* A session's openings: where they begin and end, what they had cost, what is a fork's own. */
#include "transcripts.h"

static void a_session_is_one_opening(void **state)
{
	assert_reads(state, "", "");
	assert_reads(state, "{\"type\":\"summary\",\"summary\":\"x\"}\n", "");
	assert_reads(state, PROMPT("01", "p1", "Do") ANSWER("02", "a1", "Done", "10", "20"),
	    "1 answered 1:10/20 'Done' prompt:Do\n");
	assert_reads(state,
	    PROMPT("01", "p1", "Do") ANSWER("02", "a1", "Done", "10", "20") COST("0.5", "10", "20"),
	    "1 answered over 1:10/20 total 10/20 500000 'Done' prompt:Do\n");
}

#define SYSTEM(minute, members) "{\"type\":\"system\"," members "," AT(minute) "}\n"
#define BLOCKED(minute)                                                                                      \
	SYSTEM(minute, "\"subtype\":\"informational\",\"content\":\"blocked\","                                \
	               "\"promptSubmitEnding\":{\"ending\":{\"kind\":\"blocked_by_hook\"}}")

static void a_blocked_prompt_is_a_failed_turn(void **state)
{
	assert_reads(state, BLOCKED("01") COST("0", "0", "0"), "1 failed over 0:0/0 total 0/0 0 !blocked\n");
	/* It opens the session again, as whoever is asked for its run's name counts it. */
	assert_reads(state,
	    PROMPT("01", "p1", "A") ANSWER("02", "a1", "x", "1", "1") COST("0.1", "1", "1") BLOCKED("03"),
	    "1 answered over 1:1/1 total 1/1 100000 'x' prompt:A\n2 failed 0:0/0 !blocked\n");
	assert_reads(state,
	    BLOCKED("01") PROMPT("02", "p1", "A") SYSTEM("03", "\"subtype\":\"turn_duration\"")
	        SYSTEM("04", "\"promptSubmitEnding\":{\"ending\":{\"kind\":\"sent\"}}")
	            ANSWER("05", "a1", "x", "1", "1"),
	    "1 answered 1:1/1 'x' !blocked prompt:A\n"); /* an error counts where the state is failed */
}

static void openings_end_with_a_count_and_a_word_behind_it(void **state)
{
	assert_reads(state,
	    PROMPT("01", "p1", "A") ANSWER("02", "a1", "x", "1", "1") COST("0.1", "1", "1") COST("0.2", "2",
	        "2") PROMPT("03", "p2", "B") ANSWER("04", "a2", "y", "3", "3") COST("0.5", "5", "5"),
	    "1 answered over 1:1/1 total 2/2 200000 'x' prompt:A\n"
	    "2 answered over 1:3/3 total 3/3 300000 'y' prompt:B\n");
	/* What the client writes behind it is nobody's word. */
	assert_reads(state,
	    PROMPT("01", "p1", "A") ANSWER("02", "a1", "x", "1", "1") COST("0.1", "1", "1")
	        USER("03", "\"isMeta\":true,\"message\":{\"content\":\"meta\"}")
	            USER("04", "\"message\":{\"content\":\"<command-name>/exit</command-name>\"}"),
	    "1 answered over 1:1/1 total 1/1 100000 'x' prompt:A\n");
	/* An answer alone opens one as well. */
	assert_reads(state, COST("0.1", "1", "1") ANSWER("02", "a1", "x", "4", "4") COST("0.3", "5", "5"),
	    "1 answered over 1:4/4 total 4/4 200000 'x'\n");
}

static void counts_that_lack_answers_are_not_believed(void **state)
{
	/* Killed, and opened again: the second went on from a count that the first had not written. */
	assert_reads(state,
	    PROMPT("01", "p1", "A") ANSWER("02", "a1", "x", "100", "100") PROMPT("03", "p2", "B")
	        ANSWER("04", "a2", "y", "3", "3") COST("0.5", "3", "3"),
	    "1 answered over 2:103/103 'y' prompt:A prompt:B\n");
	/* A count that went down. */
	assert_reads(state,
	    PROMPT("01", "p1", "A") ANSWER("02", "a1", "x", "1", "1") COST("0.5", "9", "9")
	        PROMPT("03", "p2", "B") COST("0.4", "9", "9"),
	    "1 answered over 1:1/1 total 9/9 500000 'x' prompt:A\n2 prompted over 0:0/0 prompt:B\n");
	/* Numbers that are none. */
	assert_reads(state, PROMPT("01", "p1", "A") ANSWER("02", "a1", "x", "1", "1") COST("-1", "9", "9"),
	    "1 answered 1:1/1 'x' prompt:A\n");
	assert_reads(state,
	    PROMPT("01", "p1", "A") ANSWER("02", "a1", "x", "1", "1") COST("0.1", "9", "99999999999999"),
	    "1 answered 1:1/1 'x' prompt:A\n");
}

static void a_fork_has_what_comes_behind_the_copy(void **state)
{
	static const char copied[] = PROMPT("01", "p1", "A") ANSWER("02", "a1", "x", "1", "1")
	    ANSWER("03", "a2", "y", "2", "2") COST("0.5", "3", "3");
	wake_auto_free char *text = NULL, *words = NULL, *nothing = NULL, *uncounted = NULL;
	struct told told = { .elsewhere = "a1", .elsewhere_too = "a2" };
	struct wake_transcript_reading reading = { 0 };

	assert_true(asprintf(&text, "%s%s", copied,
	                PROMPT("04", "p2", "B") ANSWER("05", "a3", "z", "4", "4") COST("0.7", "7", "7")) > 0);
	words = read_text(state, text, &told, &reading);
	assert_string_equal(words, "1 answered over 1:4/4 total 4/4 200000 'z' prompt:B\n");
	assert_int_equal(reading.last.ordinal, 0);
	assert_int_equal(reading.last.offset, sizeof(copied) - 1);
	assert_int_equal(reading.last.base.cost, 500000);

	reading = (struct wake_transcript_reading){ 0 };
	nothing = read_text(state, copied, &told, &reading);
	assert_string_equal(nothing, "");
	assert_int_equal(reading.last.offset, 0);

	/* Copied without the count: what was taken over cannot be told. */
	reading = (struct wake_transcript_reading){ 0 };
	uncounted = read_text(state,
	    PROMPT("01", "p1", "A") ANSWER("02", "a1", "x", "1", "1") PROMPT("04", "p2", "B")
	        ANSWER("05", "a3", "z", "4", "4") COST("0.7", "7", "7"),
	    &told, &reading);
	assert_string_equal(uncounted, "1 answered over 1:4/4 'z' prompt:B\n");
}

static void reading_goes_on_where_the_last_opening_began(void **state)
{
	static const char text[] = PROMPT("01", "p1", "A") ANSWER("02", "a1", "x", "1", "1") COST(
	    "0.1", "1", "1") PROMPT("03", "p2", "B") ANSWER("04", "a2", "y", "3", "3") COST("0.5", "5", "5");
	wake_auto_free char *words = NULL, *again = NULL;
	struct wake_transcript_reading reading = { 0 };
	struct told told = { 0 };

	words = read_text(state, text, &told, &reading);
	assert_int_equal(reading.end, sizeof(text) - 1);
	assert_int_equal(reading.openings, 2);
	reading = (struct wake_transcript_reading){ .from = reading.last };
	again = read_text(state, text, &told, &reading);
	assert_string_equal(again, strchr(words, '\n') + 1);
	assert_int_equal(reading.openings, 1);
}

static void subagents_belong_to_the_opening_of_their_time(void **state)
{
	wake_auto_free char *one = scratch_path(state, "agent-1.jsonl"), *words = NULL, *again = NULL;
	const char *beside[] = { one, "/nowhere/agent-2.jsonl" };
	struct wake_transcript_reading reading = { .beside = beside, .beside_count = 2 };
	struct told told = { 0 };
	static const char text[] = PROMPT("05", "p1", "A") ANSWER("06", "a1", "x", "1", "1")
	    COST("0.1", "31", "31") PROMPT("09", "p2", "B") ANSWER("10", "a2", "y", "3", "3");

	scratch_write(one, ANSWER("11", "s3", "", "100", "100") ANSWER("01", "s1", "", "10", "10")
	                       ANSWER("07", "s2", "", "20", "20") ANSWER("07", "s2", "", "20", "20") ANSWER(
	                           "06", "a1", "", "1", "1") PROMPT("01", "ps", "not a person") "no JSON\n");
	words = read_text(state, text, &told, &reading);
	assert_string_equal(words,
	    "1 answered over 3:31/31 total 31/31 100000 'x' prompt:A\n2 answered 2:103/103 'y' prompt:B\n");
	assert_int_equal(reading.unreadable, 1);
	reading =
	    (struct wake_transcript_reading){ .beside = beside, .beside_count = 2, .from = reading.last };
	again = read_text(state, text, &told, &reading);
	assert_string_equal(again, strchr(words, '\n') + 1);
}

static void unreadable_lines_are_counted(void **state)
{
	static const char *const bad[] = { "x\n", "{\"type\":\"user\"}\n",
		"{\"type\":\"assistant\",\"message\":{}}\n", "{}\n", "[]\n",
		"{\"type\":\"assistant\",\"message\":[]," AT("01") "}\n",
		"{\"type\":\"user\",\"message\":{\"content\":\"x\"} " AT("01") "}\n",
		ANSWER("01", "a", "x", "-1", "1"), ANSWER("01", "a", "x", "1.5", "1"),
		ANSWER("01", "a", "x", "2000000000", "1"), "{\"type\":\"cost-state\"}\n",
		ASSISTANT("01", "\"id\":\"\",\"usage\":{\"input_tokens\":1}", "") };
	static const char *const fine[] = { "\n", " \t\n", "{\"type\":\"new\"}\n",
		"{\"a\":1,\"type\":\"x\"}\r\n", "{\"type\":\"attachment\",\"attachment\":3}\n",
		"{\"type\":\"custom-title\"}\n", ASSISTANT("01", "\"id\":\"a\"", "") };

	for (size_t i = 0; i < WAKE_COUNT(bad) + WAKE_COUNT(fine); i++) {
		bool is_bad = i < WAKE_COUNT(bad);
		const char *text = is_bad ? bad[i] : fine[i - WAKE_COUNT(bad)];
		struct wake_transcript_reading reading = { 0 };
		struct told told = { 0 };
		wake_auto_free char *words = read_text(state, text, &told, &reading);

		assert_non_null(words);
		if (reading.unreadable != is_bad)
			fail_msg("%s counts as %d", text, (int)reading.unreadable);
	}
}

static void a_callbacks_no_is_handed_on(void **state)
{
	struct wake_transcript_reading reading = { 0 };
	struct told told = { .fail = WAKE_INVALID };
	wake_auto_free char *words = read_text(state,
	    PROMPT("01", "p1", "A") COST("0.1", "1", "1") PROMPT("02", "p2", "B") COST("0.1", "1", "1"),
	    &told, &reading);

	assert_string_equal(words, "1 prompted over 0:0/0 total 1/1 100000 prompt:A\n");
}

static void who_names_a_run_counts_alike(void **state)
{
	wake_auto_free char *path = scratch_path(state, "s.jsonl");
	unsigned count = 7;
	bool is_new = false;

	assert_int_equal(wake_transcript_claude_openings(path, &count, &is_new, &err), WAKE_OK);
	assert_true(count == 0 && is_new);
	scratch_write(path, PROMPT("01", "p1", "A") ANSWER("02", "a1", "x", "1", "1"));
	assert_int_equal(wake_transcript_claude_openings(path, &count, &is_new, &err), WAKE_OK);
	assert_true(count == 1 && !is_new);
	scratch_write(path, PROMPT("01", "p1", "A") ANSWER("02", "a1", "x", "1", "1") COST("0.1", "1", "1"));
	assert_int_equal(wake_transcript_claude_openings(path, &count, &is_new, &err), WAKE_OK);
	assert_true(count == 1 && is_new);
}

#define REFUSED                                                                                              \
	USER("03", "\"message\":{\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"u\"}]},"           \
	           "\"toolDenialKind\":\"user-rejected\"")
#define INTERRUPTED USER("04", "\"message\":{\"content\":\"[Request interrupted by user for tool use]\"}")

/* Whoever reads between the two must not tell of a refusal that is none. */
static void a_refusal_waits_for_what_may_take_it_back(void **state)
{
	struct wake_transcript_reading first = { .may_go_on = true }, last = { 0 }, whole = { 0 };
	struct told told = { 0 };
	wake_auto_free char *words = read_text(state, PROMPT("01", "p1", "A") REFUSED, &told, &first),
	                    *again = NULL, *all = NULL;

	assert_string_equal(words, "1 working 0:0/0 prompt:A\n");
	assert_int_equal(first.end, strlen(PROMPT("01", "p1", "A")));
	last.told = first.end;
	all = read_text(state, PROMPT("01", "p1", "A") REFUSED, &told, &last);
	assert_string_equal(all, "1 working 0:0/0 prompt:A refused:tool\n");
	again = read_text(state, PROMPT("01", "p1", "A") REFUSED INTERRUPTED, &told, &whole);
	assert_string_equal(
	    again, "1 interrupted 0:0/0 prompt:A interrupt:[Request interrupted by user for tool use]\n");
}

/* What another turn of the file may hold changes nothing of how many openings there are. */
static void counting_skips_what_makes_no_opening(void **state)
{
	static const char *const texts[] = {
		"",
		"nonsense\n" PROMPT("01", "p1", "cost-state"),
		PROMPT("01", "p1", "A") "{\"type\":\"cost-state\",\"totalCostUSD\":\"x\"}\n" PROMPT(
		    "02", "p2", "B"),
		COST("0.1", "1", "1") PROMPT("01", "p1", "A") COST("0.1", "1", "1") COST("0.1", "1", "1"),
		PROMPT("01", "p1", "A") COST("0.1", "1", "1") "{\"type\":\"system\"}\n" PROMPT(
		    "02", "p2", "B") ANSWER("03", "a1", "{\\\"type\\\":\\\"cost-state\\\"}", "1", "1")
		    PROMPT("04", "p3", "C") COST("0.2", "2", "2") ANSWER("05", "a2", "x", "1", "1"),
	};

	for (size_t i = 0; i < WAKE_COUNT(texts); i++) {
		wake_auto_free char *path = scratch_path(state, "session.jsonl");
		struct wake_transcript_reading reading = { 0 };
		struct told told = { 0 };
		wake_auto_free char *words = read_text(state, texts[i], &told, &reading);
		unsigned count = 99;
		bool is_new;

		assert_non_null(words);
		assert_int_equal(wake_transcript_claude_openings(path, &count, &is_new, &err), WAKE_OK);
		assert_int_equal(count, reading.openings);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_session_is_one_opening, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    a_blocked_prompt_is_a_failed_turn, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    openings_end_with_a_count_and_a_word_behind_it, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    counts_that_lack_answers_are_not_believed, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    a_fork_has_what_comes_behind_the_copy, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    reading_goes_on_where_the_last_opening_began, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    subagents_belong_to_the_opening_of_their_time, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(unreadable_lines_are_counted, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_callbacks_no_is_handed_on, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(who_names_a_run_counts_alike, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    a_refusal_waits_for_what_may_take_it_back, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    counting_skips_what_makes_no_opening, scratch_make, scratch_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
