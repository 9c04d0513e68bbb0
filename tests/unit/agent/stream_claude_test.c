/* SPDX-License-Identifier: MIT */
/* agent/stream_claude: turns, sums, errors, in whatever order a line's members stand. */
#include "stream_lines.h"

#define INIT "{\"type\":\"system\",\"subtype\":\"init\",\"session_id\":\"s-1\",\"model\":\"claude-opus-5-5\"}\n"
#define USAGE(in, out) \
	"\"modelUsage\":{\"claude-opus-5-5\":{\"inputTokens\":" #in ",\"outputTokens\":" #out \
	",\"cacheReadInputTokens\":7,\"cacheCreationInputTokens\":5,\"costUSD\":0.1},\"claude-haiku-5-5\":{\"inputTokens\":1," \
	"\"outputTokens\":2}}"

static void a_turn(void **state)
{
	wake_auto_stream struct wake_stream *stream = lines_new(WAKE_STREAM_CLAUDE);
	const struct wake_stream_facts *facts = wake_stream_facts(stream);

	(void)state;
	lines_feed(stream, INIT);
	assert_true(facts->is_in_turn);
	lines_feed(stream, "{\"type\":\"assistant\",\"message\":{\"usage\":{\"input_tokens\":999,\"output_tokens\":1}}}\n");
	lines_feed(stream, "{\"duration_api_ms\":3,\"usage\":{\"input_tokens\":4},\"permission_denials\":[{\"a\":1},{}],"
			   "\"total_cost_usd\":0.0573725," USAGE(100, 20) ",\"is_error\":false,\"num_turns\":3,"
			   "\"type\":\"result\",\"subtype\":\"success\",\"result\":\"Done\",\"terminal_reason\":\"completed\","
			   "\"session_id\":\"s-2\"}\n");
	assert_string_equal(facts->session, "s-2");
	assert_string_equal(facts->model, "claude-opus-5-5");
	assert_string_equal(facts->result, "Done");
	assert_null(facts->error);
	assert_true(facts->has_tokens && facts->has_cost && facts->has_turns && facts->has_result);
	assert_false(facts->is_in_turn || facts->is_error || facts->is_blocked);
	assert_int_equal(facts->input, 101);
	assert_int_equal(facts->output, 22);
	assert_int_equal(facts->cache_read, 7);
	assert_int_equal(facts->cache_write, 5);
	assert_int_equal(facts->cost, 57373);
	assert_int_equal(facts->turns, 3);
	assert_int_equal(facts->denials, 2);
	assert_string_equal(facts->subtype, "success");
	assert_string_equal(facts->terminal_reason, "completed");
}

/* A background subagent: both results tell the same sums. */
static void of_two_results_the_last_counts(void **state)
{
	wake_auto_stream struct wake_stream *stream = lines_new(WAKE_STREAM_CLAUDE);
	const struct wake_stream_facts *facts = wake_stream_facts(stream);

	(void)state;
	lines_feed(stream, INIT "{\"type\":\"result\",\"subtype\":\"success\",\"result\":\"first\",\"num_turns\":2,"
				"\"total_cost_usd\":0.09," USAGE(500, 1) "}\n");
	lines_feed(stream, INIT);
	assert_true(facts->is_in_turn);
	lines_feed(stream, "{\"type\":\"result\",\"subtype\":\"success\",\"result\":\"second\",\"num_turns\":1,"
			   "\"result_index\":1,\"total_cost_usd\":0.095172," USAGE(502, 1) "}\n");
	assert_string_equal(facts->result, "second");
	assert_int_equal(facts->input, 503);
	assert_int_equal(facts->cost, 95172);
	assert_int_equal(facts->turns, 3);
	assert_false(facts->is_in_turn);
}

static void errors(void **state)
{
	wake_auto_stream struct wake_stream *stream = lines_new(WAKE_STREAM_CLAUDE);
	const struct wake_stream_facts *facts = wake_stream_facts(stream);

	(void)state;
	lines_feed(stream, "{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":true,\"result\":\"API Error: 529\","
			   "\"terminal_reason\":\"api_error\",\"api_error_status\":529}\n");
	assert_true(facts->is_error);
	assert_null(facts->result);
	assert_string_equal(facts->error, "API Error: 529");
	lines_feed(stream, "{\"type\":\"result\",\"subtype\":\"error_max_turns\",\"is_error\":true,"
			   "\"errors\":[\"Reached maximum number of turns (2)\",\"and more\"],\"terminal_reason\":\"max_turns\"}\n");
	assert_string_equal(facts->error, "Reached maximum number of turns (2); and more");
	assert_string_equal(facts->subtype, "error_max_turns");
	lines_feed(stream, "{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":false,\"result\":\"better\"}\n");
	assert_null(facts->error);
	assert_string_equal(facts->result, "better");
	assert_string_equal(facts->terminal_reason, "");
}

static void a_blocked_prompt(void **state)
{
	wake_auto_stream struct wake_stream *stream = lines_new(WAKE_STREAM_CLAUDE);
	const struct wake_stream_facts *facts = wake_stream_facts(stream);
	static const char blocked[] = "UserPromptSubmit operation blocked by hook: no";

	(void)state;
	lines_feed(stream, "{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":false,"
			   "\"result\":\"UserPromptSubmit operation blocked by hook: no\"}\n");
	assert_true(facts->is_blocked);
	assert_null(facts->result);
	assert_string_equal(facts->error, blocked);
	/* An agent that speaks of it was not blocked. */
	lines_feed(stream, "{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":false,\"terminal_reason\":\"completed\","
			   "\"result\":\"UserPromptSubmit operation blocked by hook: no\"}\n");
	assert_false(facts->is_blocked);
	assert_string_equal(facts->result, blocked);
}

/* Sums that are not whole are not taken: those before stand. */
static void hostile_numbers(void **state)
{
	wake_auto_stream struct wake_stream *stream = lines_new(WAKE_STREAM_CLAUDE);
	const struct wake_stream_facts *facts = wake_stream_facts(stream);

	(void)state;
	lines_feed(stream, "{\"type\":\"result\",\"total_cost_usd\":1.5,\"num_turns\":1," USAGE(10, 1) "}\n");
	lines_feed(stream, "{\"type\":\"result\",\"total_cost_usd\":1e400,\"num_turns\":-1," USAGE(99999999999999999999, 1) "}\n");
	lines_feed(stream, "{\"type\":\"result\",\"total_cost_usd\":null,\"num_turns\":1.5," USAGE(-3, 1) "}\n");
	lines_feed(stream, "{\"type\":\"result\",\"total_cost_usd\":\"7\",\"modelUsage\":[1,{}]}\n");
	lines_feed(stream, "{\"type\":\"result\",\"modelUsage\":7}\n");
	assert_int_equal(facts->cost, 1500000);
	assert_int_equal(facts->input, 11);
	assert_int_equal(facts->turns, 1);
	assert_int_equal(facts->lines, 5);
}

static void hostile_texts(void **state)
{
	wake_auto_stream struct wake_stream *stream = lines_new(WAKE_STREAM_CLAUDE);
	const struct wake_stream_facts *facts = wake_stream_facts(stream);

	(void)state;
	lines_feed(stream, "{\"type\":\"result\",\"result\":\"a\\u0000b\\ud83d\",\"result\":\"c\\ud83d\\u0000\","
			   "\"subtype\":[],\"terminal_reason\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}\n");
	assert_string_equal(facts->result, "c\xef\xbf\xbd\xef\xbf\xbd");
	assert_string_equal(facts->subtype, "");
	assert_string_equal(facts->terminal_reason, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_turn),
		cmocka_unit_test(of_two_results_the_last_counts),
		cmocka_unit_test(errors),
		cmocka_unit_test(a_blocked_prompt),
		cmocka_unit_test(hostile_numbers),
		cmocka_unit_test(hostile_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
