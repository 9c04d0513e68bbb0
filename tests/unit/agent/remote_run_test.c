/* SPDX-License-Identifier: MIT */
/* agent/remote_run: both shapes, and what no service should say; told as events that every reader takes. */
#include "agent/remote_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct wake_remote_facts facts;
static struct wake_error err;

static int read_text(const char *text)
{
	wake_remote_facts_release(&facts);
	return wake_remote_facts_read(text, strlen(text), &facts, &err);
}

static void the_nested_shape(void **state)
{
	(void)state;
	assert_int_equal(
	    read_text("{\"run_id\":\"r-1\",\"status\":\"completed\",\"workflow_name\":\"fix\",\"started_at\":"
	              "\"2026-01-02T03:04:05.5\",\"completed_at\":\"2026-01-02T03:05:05Z\",\"progress\":{\"turns\":4,"
	              "\"current_phase\":\"done\",\"is_running\":false},\"metrics\":{\"cost_usd\":0.1234565,\"tokens\":{"
	              "\"total\":10,\"input\":1,\"output\":2,\"cache_created\":3,\"cache_read\":4}},\"result\":{\"success\":"
	              "true,\"final_output\":\"Done\",\"message\":\"ok\"}}"),
	    WAKE_OK);
	assert_string_equal(facts.run_id, "r-1");
	assert_string_equal(facts.workflow, "fix");
	assert_int_equal(facts.completed - facts.started, 59500000);
	assert_true(facts.has_turns && facts.has_tokens && facts.has_cost);
	assert_int_equal(facts.turns, 4);
	assert_int_equal(facts.cost, 123457);
	assert_int_equal(facts.input * 1000 + facts.output * 100 + facts.cache_write * 10 + facts.cache_read, 1234);
	assert_string_equal(facts.result, "Done");
	assert_null(facts.error);
}

static void the_flat_shape(void **state)
{
	(void)state;
	assert_int_equal(read_text("{\"status\":\"failed\",\"claude_session_id\":\"s-1\",\"session_id\":\"other\",\"cost\":2,"
	                           "\"tokens\":30,\"current_turns\":6,\"exit_code\":3,\"result\":\"half\",\"error\":\"broke\"}"),
	    WAKE_OK);
	assert_string_equal(facts.session, "s-1");
	assert_string_equal(facts.result, "half");
	assert_string_equal(facts.error, "broke");
	assert_int_equal(facts.turns, 6);
	assert_int_equal(facts.cost, 2000000);
	assert_int_equal(facts.exit_code, 3);
	assert_false(facts.has_tokens); /* a sum alone says neither input nor output */
}

static void lies_are_not_told(void **state)
{
	(void)state;
	assert_int_equal(
	    read_text("{\"status\":\"running\",\"progress\":{\"turns\":-1},\"metrics\":{\"cost_usd\":NaN,\"tokens\":{\"input\":"
	              "1000000000000000000000000000000,\"output\":1}},\"completed_at\":\"yesterday\",\"result\":7}"),
	    WAKE_OK);
	assert_false(facts.has_turns || facts.has_tokens || facts.has_cost);
	assert_int_equal(facts.completed, 0);
	assert_null(facts.result);
	assert_int_equal(read_text("<html></html>"), WAKE_INVALID);
	assert_int_equal(read_text("[]"), WAKE_INVALID);
	assert_int_equal(read_text("{\"status\":7}"), WAKE_INVALID);
	assert_int_equal(read_text("{\"status\":\"running\""), WAKE_INVALID);
}

static void what_is_said_again_is_the_same_event(void **state)
{
	static const struct wake_remote_begun begun = { .run_id = "r-1", .workflow = "fix", .task = "t",
		.url = "https://u:p@example.org/x", .at = 5000000 };
	const struct wake_config config = { 0 };
	const struct wake_remote_verdict verdict = { .state = WAKE_REMOTE_ENDED, .status = "failed" };
	wake_auto_redactor struct wake_redactor *redactor = NULL;
	char digests[2][WAKE_ID_SIZE];
	wake_auto_events struct wake_events events = { 0 };
	json_t *data;

	(void)state;
	assert_int_equal(wake_redactor_new(&config, &redactor, &err), WAKE_OK);
	assert_int_equal(read_text("{\"status\":\"failed\",\"error\":\"broke\",\"turns\":2}"), WAKE_OK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(wake_remote_tell_start(&begun, &events, &err), WAKE_OK);
		assert_int_equal(wake_remote_report(&facts, redactor, "r-1", &data, digests[i], &err), WAKE_OK);
		assert_int_equal(wake_remote_tell_report(data, 6000000, &events, &err), WAKE_OK);
		assert_int_equal(
		    wake_remote_tell_end(&facts, &verdict, redactor, "r-1", true, 7000000, &events, &err), WAKE_OK);
	}
	assert_string_equal(digests[0], digests[1]);
	for (int i = 0; i < 3; i++)
		assert_string_equal(events.items[i].id, events.items[i + 3].id);
	assert_string_equal(
	    wake_json_string(json_object_get(events.items[0].data, "metadata"), "remote"), "https://example.org/x");
	assert_string_equal(wake_json_string(events.items[2].data, "error"), "broke");
}

static void the_one_that_was_asked_for(void **state)
{
	static const char list[] = "{\"runs\":[{\"run_id\":\"a\",\"workflow_name\":\"fix\",\"session_name\":\"s\",\"started_at\":"
				   "\"2026-01-01T00:00:00Z\"},{\"run_id\":\"b\",\"workflow_name\":\"fix\",\"session_name\":\"s\","
				   "\"started_at\":\"2026-01-03T00:00:00Z\"},{\"run_id\":\"c\",\"workflow_name\":\"review\","
				   "\"session_name\":\"s\",\"started_at\":\"2026-01-03T00:00:00Z\"}]}";
	char run_id[WAKE_RUN_ID_MAX + 1];
	int64_t since;

	(void)state;
	assert_int_equal(wake_time_parse("2026-01-02T00:00:00Z", &since, &err), WAKE_OK);
	assert_int_equal(wake_remote_find_asked(list, strlen(list), "fix", "s", false, since, run_id, &err), WAKE_OK);
	assert_string_equal(run_id, "b");
	assert_int_equal(wake_remote_find_asked(list, strlen(list), "fix", "s", true, since, run_id, &err), WAKE_BUSY);
	assert_int_equal(wake_remote_find_asked(list, strlen(list), "fix", "x", true, since, run_id, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_remote_find_asked("{}", 2, "fix", "s", true, since, run_id, &err), WAKE_INVALID);
}

static int release(void **state)
{
	(void)state;
	wake_remote_facts_release(&facts);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nested_shape),
		cmocka_unit_test(the_flat_shape),
		cmocka_unit_test(lies_are_not_told),
		cmocka_unit_test(what_is_said_again_is_the_same_event),
		cmocka_unit_test(the_one_that_was_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
