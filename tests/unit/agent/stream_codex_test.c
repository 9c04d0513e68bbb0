/* SPDX-License-Identifier: MIT */
/* agent/stream_codex: ThreadEvents. */
#include "stream_lines.h"

#define SAID(text) "{\"type\":\"item.completed\",\"item\":{\"id\":\"i\",\"type\":\"agent_message\",\"text\":\"" text "\"}}\n"
#define BEGUN "{\"type\":\"thread.started\",\"thread_id\":\"th-1\"}\n{\"type\":\"turn.started\"}\n"

static void a_turn(void **state)
{
	wake_auto_stream struct wake_stream *stream = lines_new(WAKE_STREAM_CODEX);
	const struct wake_stream_facts *facts = wake_stream_facts(stream);

	(void)state;
	lines_feed(stream, BEGUN);
	assert_true(facts->is_in_turn);
	lines_feed(stream, SAID("Looking") "{\"type\":\"item.completed\",\"item\":{\"type\":\"reasoning\",\"text\":\"hm\"}}\n"
		SAID("Done")
		"{\"type\":\"turn.completed\",\"usage\":{\"input_tokens\":100,\"cached_input_tokens\":60,"
		"\"cache_write_input_tokens\":10,\"output_tokens\":7,\"reasoning_output_tokens\":3}}\n");
	assert_string_equal(facts->session, "th-1");
	assert_string_equal(facts->result, "Done");
	assert_null(facts->model);
	assert_int_equal(facts->input, 30);
	assert_int_equal(facts->cache_read, 60);
	assert_int_equal(facts->cache_write, 10);
	assert_int_equal(facts->output, 7);
	assert_int_equal(facts->turns, 1);
	assert_true(facts->has_result && !facts->is_error && !facts->is_in_turn && !facts->has_cost);
}

static void errors(void **state)
{
	wake_auto_stream struct wake_stream *stream = lines_new(WAKE_STREAM_CODEX);
	const struct wake_stream_facts *facts = wake_stream_facts(stream);

	(void)state;
	lines_feed(stream, BEGUN "{\"type\":\"error\",\"message\":\"Reconnecting 1/5\"}\n");
	assert_string_equal(facts->error, "Reconnecting 1/5");
	assert_false(facts->has_result);
	lines_feed(stream, SAID("half") "{\"type\":\"turn.failed\",\"error\":{\"message\":\"no quota\"}}\n");
	assert_string_equal(facts->error, "no quota");
	assert_true(facts->is_error);
	assert_null(facts->result);
	lines_feed(stream, "{\"type\":\"turn.started\"}\n" SAID("well") "{\"type\":\"turn.completed\",\"usage\":{}}\n");
	assert_string_equal(facts->result, "well");
	assert_null(facts->error);
	assert_false(facts->has_tokens);
}

static void hostile_lines(void **state)
{
	wake_auto_stream struct wake_stream *stream = lines_new(WAKE_STREAM_CODEX);
	const struct wake_stream_facts *facts = wake_stream_facts(stream);

	(void)state;
	lines_feed(stream, "{\"type\":\"turn.completed\",\"usage\":{\"input_tokens\":10,\"cached_input_tokens\":11}}\n"
			   "{\"type\":\"turn.completed\",\"usage\":{\"input_tokens\":1e9}}\n"
			   "{\"type\":\"turn.completed\",\"usage\":[]}\n{\"type\":\"turn.failed\",\"error\":\"x\"}\n"
			   "{\"type\":\"item.completed\",\"item\":7}\n{\"type\":\"new.thing\"}\n");
	assert_false(facts->has_tokens);
	assert_int_equal(facts->turns, 4);
	assert_int_equal(facts->unread, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_turn),
		cmocka_unit_test(errors),
		cmocka_unit_test(hostile_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
