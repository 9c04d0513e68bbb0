/* SPDX-License-Identifier: MIT */
/* agent/report: what a stream told becomes an event that every reader of events takes. */
#include "agent/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct wake_redactor *redactor;
static struct wake_report_by by;

static int make_redactor(void **state)
{
	const struct wake_config config = { 0 };
	struct wake_error err;

	(void)state;
	if (wake_redactor_new(&config, &redactor, &err) < 0)
		return -1;
	by.redactor = redactor;
	return 0;
}

static int free_redactor(void **state)
{
	(void)state;
	wake_redactor_free(redactor);
	return 0;
}

static char model[300], session[] = "s-1", result[] = "Done";

static struct wake_stream_facts some_facts(void)
{
	return (struct wake_stream_facts){ .model = model, .session = session, .result = result, .has_turns = true,
		.turns = 3, .has_tokens = true, .input = 1, .output = 2, .cache_read = 3, .cache_write = 4, .has_cost = true,
		.cost = 57373, .has_result = true };
}

static void tells_all_that_is_known(void **state)
{
	wake_auto_events struct wake_events events = { 0 };
	struct wake_stream_facts facts = some_facts();
	struct wake_error err;
	const json_t *data;

	(void)state;
	memcpy(model, "claude-opus-5-5", sizeof("claude-opus-5-5"));
	assert_int_equal(wake_report_add(&events, &by, "run-1", &facts, false, 5, &err), WAKE_OK);
	assert_int_equal(events.count, 1);
	assert_int_equal(events.items[0].type, WAKE_EVENT_RUN_REPORTED);
	assert_int_equal(events.items[0].at, 5);
	data = events.items[0].data;
	assert_string_equal(wake_json_string(data, "run_id"), "run-1");
	assert_string_equal(wake_json_string(data, "source"), "stream");
	assert_string_equal(wake_json_string(data, "ai_model"), model);
	assert_string_equal(wake_json_string(data, "result"), "Done");
	assert_null(wake_json_string(data, "error"));
	assert_int_equal(wake_json_int(data, "num_turns", -1), 3);
	assert_int_equal(wake_json_int(data, "input_tokens", -1), 1);
	assert_int_equal(wake_json_int(data, "cache_write_tokens", -1), 4);
	assert_int_equal(wake_json_int(data, "cost", -1), 57373);
}

static void a_resumed_session_tells_no_sums(void **state)
{
	wake_auto_events struct wake_events events = { 0 };
	struct wake_stream_facts facts = some_facts();
	struct wake_error err;

	(void)state;
	assert_int_equal(wake_report_add(&events, &by, "run-1", &facts, true, 0, &err), WAKE_OK);
	assert_null(json_object_get(events.items[0].data, "input_tokens"));
	assert_null(json_object_get(events.items[0].data, "cost"));
	assert_int_equal(wake_json_int(events.items[0].data, "num_turns", -1), 3);
}

static void nothing_is_told_of_nothing(void **state)
{
	wake_auto_events struct wake_events events = { 0 };
	const struct wake_stream_facts facts = { .lines = 3 };
	struct wake_error err;

	(void)state;
	assert_int_equal(wake_report_add(&events, &by, "run-1", &facts, false, 0, &err), WAKE_OK);
	assert_int_equal(events.count, 0);
}

static void secrets_are_taken_out(void **state)
{
	static char secret[] = "password=hunter2-hunter2 is wrong";
	wake_auto_events struct wake_events events = { 0 };
	struct wake_stream_facts facts = some_facts();
	struct wake_error err;

	(void)state;
	facts.result = facts.error = secret;
	assert_int_equal(wake_report_add(&events, &by, "run-1", &facts, false, 0, &err), WAKE_OK);
	assert_null(strstr(wake_json_string(events.items[0].data, "result"), "hunter2"));
	assert_null(strstr(wake_json_string(events.items[0].data, "error"), "hunter2"));
}

static void tokens_without_a_cost_are_priced(void **state)
{
	wake_auto_events struct wake_events events = { 0 };
	wake_auto_prices struct wake_prices *prices = NULL;
	struct wake_stream_facts facts = some_facts();
	struct wake_report_by priced = by;
	struct wake_error err;

	(void)state;
	assert_int_equal(wake_prices_load(NULL, &prices, &err), WAKE_OK);
	priced.prices = prices;
	facts.has_cost = false;
	facts.output = 1000000;
	assert_int_equal(wake_report_add(&events, &priced, "run-1", &facts, false, 0, &err), WAKE_OK);
	assert_true(wake_json_int(events.items[0].data, "cost", -1) > 1000000);
	memcpy(model, "nobody-knows-it", sizeof("nobody-knows-it"));
	assert_int_equal(wake_report_add(&events, &priced, "run-1", &facts, false, 0, &err), WAKE_OK);
	assert_null(json_object_get(events.items[1].data, "cost"));
}

static void long_texts_are_cut(void **state)
{
	static char text[WAKE_EVENT_TEXT_MAX + 100];
	wake_auto_events struct wake_events events = { 0 };
	struct wake_stream_facts facts = some_facts();
	struct wake_error err;

	(void)state;
	memset(text, '\x01', sizeof(text) - 1); /* six bytes each in JSON */
	memset(model, 'm', sizeof(model) - 1);
	facts.result = facts.error = text;
	assert_int_equal(wake_report_add(&events, &by, "run-1", &facts, false, 0, &err), WAKE_OK);
	assert_in_range(strlen(wake_json_string(events.items[0].data, "result")), 1000, WAKE_EVENT_TEXT_MAX);
	assert_in_range(strlen(wake_json_string(events.items[0].data, "ai_model")), 90, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_all_that_is_known),
		cmocka_unit_test(a_resumed_session_tells_no_sums),
		cmocka_unit_test(nothing_is_told_of_nothing),
		cmocka_unit_test(secrets_are_taken_out),
		cmocka_unit_test(tokens_without_a_cost_are_priced),
		cmocka_unit_test(long_texts_are_cut),
	};

	return cmocka_run_group_tests(tests, make_redactor, free_redactor);
}
