/* SPDX-License-Identifier: MIT */
/* event/event_purge: what goes from an event, and that what is left is one. */
#include "../base/scratch.h"
#include "event/event.h"
#include "event/event_types.h"

static struct wake_error err;

#define assert_ok(call)                                                                                      \
	do {                                                                                                 \
		if ((call) != WAKE_OK)                                                                       \
			fail_msg("%s: %s", #call, err.text);                                                 \
	} while (0)

static void words_go_and_the_rest_stays(void **state)
{
	static const struct {
		enum wake_event_type type;
		const char *before, *after;
		size_t bytes;
	} cases[] = {
		{ WAKE_EVENT_RUN_STARTED,
		    "{\"run_id\":\"r\",\"workflow\":\"fix\",\"task\":\"do "
		    "it\",\"session_name\":\"n\",\"metadata\":{\"a\":1}}",
		    "{\"metadata\":{},\"run_id\":\"r\",\"session_name\":\"n\",\"task\":\"\",\"workflow\":"
		    "\"fix\"}",
		    12 },
		{ WAKE_EVENT_RUN_ENDED,
		    "{\"run_id\":\"r\",\"status\":\"failed\",\"error\":\"no\",\"exit_code\":3}",
		    "{\"exit_code\":3,\"run_id\":\"r\",\"status\":\"failed\"}", 2 },
		{ WAKE_EVENT_RUN_REPORTED,
		    "{\"run_id\":\"r\",\"source\":\"hook\",\"result\":\"yes\",\"num_turns\":1}",
		    "{\"num_turns\":1,\"run_id\":\"r\",\"source\":\"hook\"}", 3 },
		{ WAKE_EVENT_RUN_IMPORTED,
		    "{\"run_id\":\"r\",\"source\":\"workflow_runs\",\"status\":\"failed\",\"created_at\":"
		    "\"2026-01-01T00:00:00Z\","
		    "\"metadata\":{},\"task_input\":\"t\"}",
		    "{\"created_at\":\"2026-01-01T00:00:00Z\",\"metadata\":{},\"run_id\":\"r\",\"source\":"
		    "\"workflow_runs\","
		    "\"status\":\"failed\"}",
		    1 },
		{ WAKE_EVENT_HEARTBEAT, "{\"run_ids\":[\"r\"]}", "{\"run_ids\":[\"r\"]}", 0 },
	};

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		wake_auto_str struct wake_str text = WAKE_STR(4096);
		wake_auto_json json_t *data = NULL;
		size_t bytes = 99;

		assert_ok(wake_json_parse(cases[i].before, strlen(cases[i].before), &data, &err));
		for (int times = 0; times < 2; times++) {
			assert_ok(wake_event_blank(cases[i].type, data, &bytes, &err));
			assert_int_equal(bytes, times == 0 ? cases[i].bytes : 0);
			wake_str_clear(&text);
			assert_ok(wake_json_append(&text, data, &err));
			assert_string_equal(text.data, cases[i].after);
			assert_ok(wake_event_check(cases[i].type, data, &err));
		}
	}
}

static void those_with_words_are_known(void **state)
{
	static const enum wake_event_type with[] = { WAKE_EVENT_RUN_STARTED, WAKE_EVENT_RUN_ENDED,
		WAKE_EVENT_RUN_REPORTED, WAKE_EVENT_SAID, WAKE_EVENT_RUN_IMPORTED };
	size_t count = 0;

	(void)state;
	for (int type = 0; type < WAKE_EVENT_TYPE_COUNT; type++)
		count += wake_event_has_words((enum wake_event_type)type);
	/* lib/store/sql/fold_events_to_purge.sql names the same. */
	assert_int_equal(count, WAKE_COUNT(with));
	for (size_t i = 0; i < WAKE_COUNT(with); i++)
		assert_true(wake_event_has_words(with[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_go_and_the_rest_stays),
		cmocka_unit_test(those_with_words_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
