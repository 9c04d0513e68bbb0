/* SPDX-License-Identifier: MIT */
/* An opening as events: valid ones, of what is known, under ids that stay. */
#include "transcripts.h"

struct telling_of {
	struct wake_transcript_telling telling;
	struct wake_events events;
};

static int64_t told; /* up to here by a reading before */

static int tell(void *context, const struct wake_transcript_opening *opening, struct wake_error *ret_err)
{
	struct telling_of *of = context;

	return wake_transcript_tell(opening, &of->telling, &of->events, ret_err);
}

/* The events of a session's text; run_id "run-1". */
static struct wake_events events_of(
    void *const *state, const char *text, struct wake_transcript_telling telling)
{
	wake_auto_free char *path = scratch_path(state, "s.jsonl");
	wake_auto_prices struct wake_prices *prices = NULL;
	wake_auto_redactor struct wake_redactor *redactor = NULL;
	const struct wake_config settings = { 0 };
	struct telling_of of = { .telling = telling };
	struct wake_transcript_reading reading = { .path = path, .told = told, .each = tell, .context = &of };

	scratch_write(path, text);
	assert_int_equal(wake_prices_load(NULL, &prices, &err), WAKE_OK);
	of.telling.prices = prices;
	assert_int_equal(wake_redactor_new(&settings, &redactor, &err), WAKE_OK);
	of.telling.redactor = redactor;
	of.telling.run_id = "run-1";
	of.telling.session = "session-1";
	if (wake_transcript_claude_read(&reading, &err) != WAKE_OK)
		fail_msg("%s", err.text);
	return of.events;
}

static const struct wake_event *nth(const struct wake_events *events, enum wake_event_type type, size_t n)
{
	for (size_t i = 0; i < events->count; i++) {
		if (events->items[i].type == type && n-- == 0)
			return &events->items[i];
	}
	return NULL;
}

#define TEXT PROMPT("01", "p1", "Do") ANSWER("02", "a1", "Done", "10", "20")

static void each_event_tells_its_part(void **state)
{
	wake_auto_events struct wake_events events = events_of(state, TEXT COST("0.5", "11", "22"),
	    (struct wake_transcript_telling){
	        .is_ended = true, .workspace_path = "/w", .forked_from = "other" });
	const json_t *start, *usage, *report, *said, *end;

	assert_int_equal(events.count, 5);
	start = nth(&events, WAKE_EVENT_RUN_STARTED, 0)->data;
	usage = json_array_get(json_object_get(nth(&events, WAKE_EVENT_USAGE, 0)->data, "items"), 0);
	report = nth(&events, WAKE_EVENT_RUN_REPORTED, 0)->data;
	said = nth(&events, WAKE_EVENT_SAID, 0)->data;
	end = nth(&events, WAKE_EVENT_RUN_ENDED, 0)->data;
	assert_string_equal(wake_json_string(start, "task"), "");
	assert_string_equal(wake_json_string(start, "agent_type"), "claude-code");
	assert_string_equal(wake_json_string(start, "workspace_path"), "/w");
	assert_string_equal(wake_json_string(json_object_get(start, "metadata"), "forked_from"), "other");
	assert_false(wake_json_true(start, "claim"));
	assert_int_equal(wake_json_int(usage, "cost", -1), 440); /* 10 × 4 + 20 × 20 */
	assert_int_equal(wake_json_int(report, "cost", -1), 500000);
	assert_int_equal(wake_json_int(report, "input_tokens", -1), 11);
	assert_string_equal(wake_json_string(report, "result"), "Done");
	assert_string_equal(wake_json_string(said, "text"), "Do");
	assert_string_equal(wake_json_string(end, "status"), "completed");
	assert_true(wake_json_true(end, "reported"));
}

static void what_is_not_known_is_not_told(void **state)
{
	wake_auto_events struct wake_events events = events_of(state,
	    ASSISTANT("02",
	        "\"id\":\"a\",\"model\":\"gpt-9\",\"content\":[],\"usage\":{\"input_tokens\":1,\"output_"
	        "tokens\":1}",
	        ""),
	    (struct wake_transcript_telling){ .is_announced = true });
	const json_t *item =
	    json_array_get(json_object_get(nth(&events, WAKE_EVENT_USAGE, 0)->data, "items"), 0);
	const json_t *report = nth(&events, WAKE_EVENT_RUN_REPORTED, 0)->data;

	assert_int_equal(events.count, 2); /* neither start nor end */
	assert_null(json_object_get(item, "cost"));
	assert_null(json_object_get(report, "cost"));
	assert_null(json_object_get(report, "input_tokens"));
	assert_null(json_object_get(report, "result"));
}

static void totals_may_be_left_out(void **state)
{
	wake_auto_events struct wake_events events = events_of(
	    state, TEXT COST("0.5", "11", "22"), (struct wake_transcript_telling){ .without_totals = true });

	assert_null(json_object_get(nth(&events, WAKE_EVENT_RUN_REPORTED, 0)->data, "cost"));
}

static void a_tools_session_tells_what_it_took(void **state)
{
	wake_auto_events struct wake_events events = events_of(state, TEXT COST("0.5", "11", "22"),
	    (struct wake_transcript_telling){ .is_announced = true, .is_nested = true });

	assert_int_equal(events.count, 1);
	assert_int_equal(events.items[0].type, WAKE_EVENT_USAGE);
}

static void ids_are_of_what_is_said(void **state)
{
	wake_auto_events struct wake_events one =
	    events_of(state, TEXT, (struct wake_transcript_telling){ .is_ended = true });
	wake_auto_events struct wake_events again =
	    events_of(state, TEXT, (struct wake_transcript_telling){ .is_ended = true });
	wake_auto_events struct wake_events more = events_of(state, TEXT ANSWER("03", "a2", "More", "1", "1"),
	    (struct wake_transcript_telling){ .is_ended = true, .git_repo = "/r" });

	assert_int_equal(one.count, again.count);
	for (size_t i = 0; i < one.count; i++)
		assert_string_equal(one.items[i].id, again.items[i].id);
	assert_string_equal(
	    nth(&one, WAKE_EVENT_RUN_STARTED, 0)->id, nth(&more, WAKE_EVENT_RUN_STARTED, 0)->id);
	assert_string_equal(nth(&one, WAKE_EVENT_SAID, 0)->id, nth(&more, WAKE_EVENT_SAID, 0)->id);
	assert_string_not_equal(nth(&one, WAKE_EVENT_USAGE, 0)->id, nth(&more, WAKE_EVENT_USAGE, 0)->id);
	assert_string_not_equal(
	    nth(&one, WAKE_EVENT_RUN_REPORTED, 0)->id, nth(&more, WAKE_EVENT_RUN_REPORTED, 0)->id);
	assert_true(nth(&one, WAKE_EVENT_RUN_REPORTED, 0)->at < nth(&more, WAKE_EVENT_RUN_REPORTED, 0)->at);
}

static void a_written_end_is_later_than_none(void **state)
{
	wake_auto_events struct wake_events open =
	    events_of(state, TEXT, (struct wake_transcript_telling){ .is_ended = true });
	wake_auto_events struct wake_events over = events_of(
	    state, TEXT COST("0.5", "11", "22"), (struct wake_transcript_telling){ .is_ended = true });

	assert_true(nth(&open, WAKE_EVENT_RUN_REPORTED, 0)->at < nth(&over, WAKE_EVENT_RUN_REPORTED, 0)->at);
	assert_false(wake_json_true(nth(&open, WAKE_EVENT_RUN_ENDED, 0)->data, "reported"));
}

static void many_answers_are_several_events(void **state)
{
	wake_auto_str struct wake_str text = WAKE_STR(1024 * 1024);
	wake_auto_events struct wake_events events = { 0 };

	for (int i = 0; i < 1001; i++)
		wake_str_appendf(&text,
		    ASSISTANT("02",
		        "\"id\":\"a%d\",\"model\":\"m\",\"content\":[],\"usage\":{\"input_tokens\":1,"
		        "\"output_tokens\":1}",
		        ""),
		    i);
	events = events_of(state, text.data, (struct wake_transcript_telling){ .is_announced = true });
	assert_int_equal(
	    json_array_size(json_object_get(nth(&events, WAKE_EVENT_USAGE, 0)->data, "items")), 500);
	assert_int_equal(
	    json_array_size(json_object_get(nth(&events, WAKE_EVENT_USAGE, 2)->data, "items")), 1);
	assert_null(nth(&events, WAKE_EVENT_USAGE, 3));
}

static void hostile_texts_fit(void **state)
{
	wake_auto_str struct wake_str text = WAKE_STR(16 * 1024 * 1024);
	wake_auto_events struct wake_events events = { 0 };
	wake_auto_str struct wake_str line = WAKE_STR(WAKE_EVENT_LARGEST);

	wake_str_append(&text, "{\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":\"");
	for (int i = 0; i < 500000; i++)
		wake_str_append(&text, "\\u0001\\u0000\\ud800");
	wake_str_append(&text, "\"},\"uuid\":\"u\"," AT("01") "}\n");
	events = events_of(state, text.data, (struct wake_transcript_telling){ .is_ended = true });
	assert_int_equal(wake_event_format(nth(&events, WAKE_EVENT_SAID, 0), &line, &err), WAKE_OK);
	assert_true(line.len < WAKE_EVENT_MAX);
}

/* The larger of an answer is another than the one that was told. */
static void what_was_told_is_left_out(void **state)
{
	static const char text[] = TEXT PROMPT("03", "p2", "And") ANSWER("04", "a1", "Done", "10", "25")
	    ANSWER("05", "a2", "x", "1", "1");
	wake_auto_events struct wake_events none = { 0 }, some = { 0 }, all = { 0 };

	told = (int64_t)strlen(text);
	none = events_of(state, text, (struct wake_transcript_telling){ .is_announced = true });
	assert_int_equal(none.count, 1);
	told = (int64_t)strlen(TEXT);
	some = events_of(state, text, (struct wake_transcript_telling){ .is_announced = true });
	all = events_of(
	    state, text, (struct wake_transcript_telling){ .is_announced = true, .tells_all = true });
	told = 0;
	assert_int_equal(some.count, 3);
	assert_string_equal(wake_json_string(nth(&some, WAKE_EVENT_SAID, 0)->data, "text"), "And");
	assert_int_equal(json_array_size(json_object_get(nth(&some, WAKE_EVENT_USAGE, 0)->data, "items")), 2);
	assert_int_equal(all.count, 4);
}

/* Of two reports of one moment the one that knows more is the later. */
static void a_turn_that_goes_on_has_no_result_yet(void **state)
{
	const struct wake_transcript_telling goes_on = { .is_announced = true, .may_go_on = true },
	                                     left = { .is_announced = true };
	wake_auto_events struct wake_events before = { 0 }, after = { 0 };
	const struct wake_event *report;

	before = events_of(state, TEXT PROMPT("03", "p2", "And"), goes_on);
	after = events_of(state, TEXT PROMPT("03", "p2", "And"), left);
	report = nth(&before, WAKE_EVENT_RUN_REPORTED, 0);
	assert_null(json_object_get(report->data, "result"));
	assert_string_equal(
	    wake_json_string(nth(&after, WAKE_EVENT_RUN_REPORTED, 0)->data, "result"), "Done");
	assert_true(nth(&after, WAKE_EVENT_RUN_REPORTED, 0)->at > report->at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_event_tells_its_part, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(what_is_not_known_is_not_told, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(totals_may_be_left_out, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_tools_session_tells_what_it_took, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(ids_are_of_what_is_said, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    a_written_end_is_later_than_none, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    many_answers_are_several_events, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(hostile_texts_fit, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(what_was_told_is_left_out, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    a_turn_that_goes_on_has_no_result_yet, scratch_make, scratch_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
