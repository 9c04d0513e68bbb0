/* SPDX-License-Identifier: MIT */
/* agent/stream_gemini: JsonStreamEvents. */
#include "stream_lines.h"

#define INIT "{\"type\":\"init\",\"timestamp\":\"t\",\"session_id\":\"g-1\",\"model\":\"gemini-3-pro\"}\n"
#define ASKED "{\"type\":\"message\",\"role\":\"user\",\"content\":\"please\"}\n"
#define PIECE(text) "{\"type\":\"message\",\"role\":\"assistant\",\"content\":\"" text "\",\"delta\":true}\n"
#define STATS \
	"\"stats\":{\"total_tokens\":140,\"input_tokens\":100,\"output_tokens\":30,\"cached\":40,\"input\":60,\"models\":{}}"

static void a_turn(void **state)
{
	wake_auto_stream struct wake_stream *stream = lines_new(WAKE_STREAM_GEMINI);
	const struct wake_stream_facts *facts = wake_stream_facts(stream);

	(void)state;
	lines_feed(stream, INIT ASKED PIECE("I ") PIECE("look"));
	lines_feed(stream, "{\"type\":\"tool_use\",\"tool_name\":\"ls\"}\n{\"type\":\"tool_result\",\"status\":\"success\"}\n");
	lines_feed(stream, PIECE("All ") PIECE("done") "{\"type\":\"result\",\"status\":\"success\"," STATS "}\n");
	assert_string_equal(facts->session, "g-1");
	assert_string_equal(facts->model, "gemini-3-pro");
	assert_string_equal(facts->result, "All done");
	assert_int_equal(facts->input, 60);
	assert_int_equal(facts->cache_read, 40);
	assert_int_equal(facts->output, 40); /* ten of them thought */
	assert_int_equal(facts->turns, 1);
	assert_true(facts->has_result && !facts->is_error && !facts->is_in_turn);
}

static void errors(void **state)
{
	wake_auto_stream struct wake_stream *stream = lines_new(WAKE_STREAM_GEMINI);
	const struct wake_stream_facts *facts = wake_stream_facts(stream);

	(void)state;
	lines_feed(stream, INIT ASKED "{\"type\":\"error\",\"severity\":\"warning\",\"message\":\"loop\"}\n");
	assert_null(facts->error);
	lines_feed(stream, "{\"type\":\"error\",\"severity\":\"error\",\"message\":\"worse\"}\n");
	assert_string_equal(facts->error, "worse");
	lines_feed(stream, "{\"type\":\"result\",\"status\":\"error\",\"error\":{\"type\":\"E\",\"message\":\"over\"}," STATS "}\n");
	assert_true(facts->is_error);
	assert_string_equal(facts->error, "over");
	lines_feed(stream, "{\"type\":\"result\",\"status\":\"error\",\"error\":\"a text\"}\n");
	assert_string_equal(facts->error, "a text");
}

static void hostile_lines(void **state)
{
	wake_auto_stream struct wake_stream *stream = lines_new(WAKE_STREAM_GEMINI);
	const struct wake_stream_facts *facts = wake_stream_facts(stream);

	(void)state;
	lines_feed(stream, "{\"type\":\"result\",\"stats\":{\"input_tokens\":1,\"cached\":2}}\n"
			   "{\"type\":\"result\",\"status\":7,\"stats\":{\"input_tokens\":-1}}\n"
			   "{\"type\":\"message\",\"role\":[],\"content\":{}}\n{\"type\":\"later\"}\n");
	assert_false(facts->has_tokens);
	assert_true(facts->is_error);
	assert_int_equal(facts->lines, 4);
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
