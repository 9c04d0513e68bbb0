/* SPDX-License-Identifier: MIT */
/* What is gathered of an opening: answers once, the larger one, however many; texts within their bounds. */
#include "../base/scratch.h"
#include "agent/transcript.h"

#define ANSWERS 20000

static struct wake_error err;

static struct wake_transcript_answer answer(unsigned number, int64_t output, int64_t cost)
{
	struct wake_transcript_answer made = { .at = number, .cost = cost, .tokens.output = output };
	char name[16];

	(void)snprintf(name, sizeof(name), "%u", number);
	wake_agent_response_id(name, "", made.response);
	return made;
}

static bool put(struct wake_transcript_opening *opening, struct wake_transcript_answer one, const char *model)
{
	bool is_new = false;

	assert_int_equal(wake_transcript_add_answer(opening, &one, model, &is_new, &err), WAKE_OK);
	return is_new;
}

static void the_larger_of_an_answer_stays(void **state)
{
	WAKE_CLEANUP(wake_transcript_opening_release) struct wake_transcript_opening opening = { 0 };

	(void)state;
	assert_true(put(&opening, answer(1, 5, -1), "m"));
	assert_false(put(&opening, answer(1, 9, -1), "n"));
	assert_false(put(&opening, answer(1, 7, 3), "m"));
	assert_int_equal(opening.answer_count, 1);
	assert_int_equal(opening.answers[0].tokens.output, 9);
	assert_string_equal(opening.answers[0].model, "n");
	assert_false(put(&opening, answer(1, 9, 4), "n")); /* as large, and it tells its cost */
	assert_int_equal(opening.answers[0].cost, 4);
}

static void many_answers_are_kept_apart(void **state)
{
	WAKE_CLEANUP(wake_transcript_opening_release) struct wake_transcript_opening opening = { 0 };

	(void)state;
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < ANSWERS; i++)
			assert_int_equal(put(&opening, answer(i, 1 + i + round, -1), "m"), round == 0);
	}
	assert_int_equal(opening.answer_count, ANSWERS);
	for (unsigned i = 0; i < ANSWERS; i++)
		assert_int_equal(opening.answers[i].tokens.output, 2 + i);
	assert_int_equal(opening.model_count, 1);
}

static void models_are_bounded(void **state)
{
	WAKE_CLEANUP(wake_transcript_opening_release) struct wake_transcript_opening opening = { 0 };
	struct wake_transcript_answer one = answer(WAKE_TRANSCRIPT_MODELS_MAX, 1, -1);
	char model[16];

	(void)state;
	for (unsigned i = 0; i < WAKE_TRANSCRIPT_MODELS_MAX; i++) {
		(void)snprintf(model, sizeof(model), "m%u", i);
		assert_true(put(&opening, answer(i, 1, -1), model));
	}
	assert_int_equal(wake_transcript_add_answer(&opening, &one, "more", NULL, &err), WAKE_INVALID);
	assert_true(put(&opening, one, "m7"));
}

static void texts_are_bounded(void **state)
{
	WAKE_CLEANUP(wake_transcript_opening_release) struct wake_transcript_opening opening = { 0 };
	char id[WAKE_ID_SIZE];

	(void)state;
	wake_agent_message_id("a", "prompt", "k", id);
	for (unsigned i = 0; i < WAKE_TRANSCRIPT_SAID_MAX + 3; i++) {
		wake_auto_str struct wake_str text = WAKE_STR(16);

		wake_str_append(&text, i ? "text" : "");
		assert_int_equal(wake_transcript_add_said(&opening, id, "prompt", i, &text, &err), WAKE_OK);
	}
	assert_int_equal(opening.said_count, WAKE_TRANSCRIPT_SAID_MAX);
	assert_int_equal(opening.said_dropped, 3);
	assert_string_equal(opening.said[0].text, "");
	assert_string_equal(opening.said[1].text, "text");
	assert_int_equal(opening.said_bytes, 4 * (WAKE_TRANSCRIPT_SAID_MAX - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_larger_of_an_answer_stays),
		cmocka_unit_test(many_answers_are_kept_apart),
		cmocka_unit_test(models_are_bounded),
		cmocka_unit_test(texts_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
