/* SPDX-License-Identifier: MIT */
/* Names: the same of the same, another of anything else, and the same for ever. */
#include "../base/scratch.h"
#include "agent/run_name.h"

static void names_are_fixed(void **state)
{
	char id[WAKE_ID_SIZE];

	(void)state;
	/* What is recorded under these must be found under them: a change of one is a new record of
	 * everything. */
	wake_agent_run_id("claude-code", "s1", 1, id);
	assert_string_equal(id, "ce221090-3844-549c-b6fa-196bc097e4ee");
	wake_agent_conversation_id("claude-code", "s1", id);
	assert_string_equal(id, "8064f932-5a29-5f49-b31f-d2adeb63d897");
	assert_true(wake_id_is_uuid(id));
}

static void each_part_counts(void **state)
{
	char ids[12][WAKE_ID_SIZE];

	(void)state;
	wake_agent_run_id("a", "s", 1, ids[0]);
	wake_agent_run_id("a", "s", 2, ids[1]);
	wake_agent_run_id("b", "s", 1, ids[2]);
	wake_agent_run_id("a", "s1", 1, ids[3]);
	wake_agent_response_id("m", "r", ids[4]);
	wake_agent_response_id("mr", "", ids[5]);
	wake_agent_response_id("m", "", ids[6]);
	wake_agent_message_id("a", "prompt", "k", ids[7]);
	wake_agent_message_id("a", "queued", "k", ids[8]);
	wake_agent_conversation_id("a", "s", ids[9]);
	wake_agent_message_id("ap", "rompt", "k", ids[10]);
	wake_agent_response_id("", "mr", ids[11]);
	for (size_t i = 0; i < WAKE_COUNT(ids); i++) {
		for (size_t n = 0; n < i; n++)
			assert_string_not_equal(ids[i], ids[n]);
	}
}

static void nothing_told_is_nothing(void **state)
{
	char one[WAKE_ID_SIZE], other[WAKE_ID_SIZE];

	(void)state;
	wake_agent_response_id("m", NULL, one);
	wake_agent_response_id("m", "", other);
	assert_string_equal(one, other);
}

static void long_parts_have_room(void **state)
{
	char text[10001], one[WAKE_ID_SIZE], other[WAKE_ID_SIZE];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	wake_agent_response_id(text, text, one);
	text[0] = 'y';
	wake_agent_response_id(text, text, other);
	assert_string_not_equal(one, other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_fixed),
		cmocka_unit_test(each_part_counts),
		cmocka_unit_test(nothing_told_is_nothing),
		cmocka_unit_test(long_parts_have_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
