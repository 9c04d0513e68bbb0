/* SPDX-License-Identifier: MIT */
/* Reading a transcript when memory fails at any one call: all of it is told, or the failure
 * is; never a part as if it were the whole. */
#include "../unit/agent/transcripts.h"
#include "wrap.h"

#define NTH_MAX 20000 /* a loop that has not ended by then never will */

static const char text[] =
    PROMPT("01", "p1", "<command-message>a</command-message><command-name>/a</command-name>") ANSWER(
        "02", "a1", "x", "10", "20") ASSISTANT("03",
        "\"id\":\"a2\",\"model\":\"m\",\"content\":[{\"type\":\"tool_use\",\"id\":\"u\",\"name\":\"Ask\"}],"
        "\"usage\":{\"input_tokens\":1,\"output_tokens\":1}",
        "") USER("04",
        "\"message\":{\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"u\"}]},"
        "\"toolUseResult\":{\"questions\":[],\"answers\":{\"Q\":\"A\"}}") "{\"type\":\"custom-title\","
                                                                          "\"customTitle\":\"Title\"}"
                                                                          "\n" COST("0.5", "99", "99")
                                                                              PROMPT("05", "p2", "again")
                                                                                  ANSWER("06", "a3", "y", "1",
                                                                                      "1");

struct scene {
	const struct wake_prices *prices;
	const struct wake_redactor *redactor;
	struct wake_events events;
};

static void scene_release(struct scene *scene)
{
	wake_events_release(&scene->events);
}

static int tell(void *context, const struct wake_transcript_opening *opening, struct wake_error *ret_err)
{
	struct scene *scene = context;
	const struct wake_transcript_telling telling = {
		.run_id = "run", .session = "session", .prices = scene->prices, .redactor = scene->redactor,
		.is_ended = true };

	return wake_transcript_tell(opening, &telling, &scene->events, ret_err);
}

static int read_all(const char *path, const char *beside, struct scene *scene)
{
	struct wake_transcript_reading reading = {
		.path = path, .beside = &beside, .beside_count = 1, .each = tell, .context = scene
	};

	return wake_transcript_claude_read(&reading, &err);
}

static void a_transcript_is_told_whole_or_not(void **state)
{
	wake_auto_free char *path = scratch_path(state, "s.jsonl"),
	                    *beside = scratch_path(state, "agent-1.jsonl");
	wake_auto_prices struct wake_prices *prices = NULL;
	wake_auto_redactor struct wake_redactor *redactor = NULL;
	const struct wake_config settings = { 0 };
	WAKE_CLEANUP(scene_release) struct scene right = { 0 };
	bool fired = true;

	assert_int_equal(wake_prices_load(NULL, &prices, &err), WAKE_OK);
	assert_int_equal(wake_redactor_new(&settings, &redactor, &err), WAKE_OK);
	right.prices = prices;
	right.redactor = redactor;

	scratch_write(path, text);
	scratch_write(beside, ANSWER("02", "s1", "", "5", "5"));
	assert_int_equal(read_all(path, beside, &right), WAKE_OK);
	assert_int_equal(right.events.count, 11);
	for (unsigned long nth = 1; fired; nth++) {
		WAKE_CLEANUP(scene_release) struct scene scene = { .prices = prices, .redactor = redactor };
		int ret;

		assert_true(nth < NTH_MAX);
		wrap_fail(WRAP_MEMORY, nth, 0);
		ret = read_all(path, beside, &scene);
		fired = wrap_stop();
		if (ret != WAKE_OK && ret != WAKE_NOMEM)
			fail_msg("call %lu: %s", nth, err.text);
		assert_true(ret == WAKE_OK || fired);
		for (size_t i = 0; ret == WAKE_OK && i < right.events.count; i++)
			assert_string_equal(scene.events.items[i].id, right.events.items[i].id);
		assert_true(ret != WAKE_OK || scene.events.count == right.events.count);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_transcript_is_told_whole_or_not, scratch_make, scratch_remove),
	};

	wrap_json();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
