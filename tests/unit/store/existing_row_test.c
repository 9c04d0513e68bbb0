/* SPDX-License-Identifier: MIT */
/* Another system's rows as events: what fits, and what becomes of what does not. */
#include "store/existing_row.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/scope.h"

#define NOW INT64_C(1760000000000000) /* 2025-10-09T08:53:20Z */
#define HASH "0123456789abcdef0123456789abcdef01234567"

static json_t *load(const char *text)
{
	char *copy = strdup(text);
	json_t *json;

	assert_non_null(copy);
	for (char *at = copy; *at; at++)
		*at = *at == '\'' ? '"' : *at;
	json = json_loads(copy, 0, NULL);
	if (!json)
		fail_msg("%s", copy);
	free(copy);
	return json;
}

struct taken {
	struct wake_event event;
	struct wake_existing_told told;
};

static void taken_release(struct taken *taken)
{
	wake_event_release(&taken->event);
	wake_existing_told_release(&taken->told);
}

#define auto_taken WAKE_CLEANUP(taken_release)

static struct taken take(enum wake_existing_table table, const char *row, bool known)
{
	wake_auto_json json_t *values = load(row);
	const struct wake_existing_row existing = { table, values, known, known, NOW };
	struct taken taken = { 0 };
	struct wake_error err;

	if (wake_existing_row_event(&existing, &taken.event, &taken.told, &err) != WAKE_OK)
		fail_msg("%s", err.text);
	return taken;
}

/* null: the member must not be there. */
static void expect(const json_t *data, const char *members)
{
	wake_auto_json json_t *expected = load(members);
	const char *key;
	json_t *value;

	json_object_foreach(expected, key, value)
	{
		json_t *got = json_object_get(data, key);

		if (json_is_null(value) ? got != NULL : !json_equal(value, got))
			fail_msg("%s is %s", key, got ? json_dumps(got, JSON_ENCODE_ANY) : "not there");
	}
}

static void expect_misfit(const struct taken *taken, const char *beginning)
{
	size_t at;
	json_t *reason;

	json_array_foreach(taken->told.misfits, at, reason)
	{
		if (strncmp(json_string_value(reason), beginning, strlen(beginning)) == 0)
			return;
	}
	fail_msg("nothing was told of %s", beginning);
}

#define PLAIN                                                                                                \
	"'run_id':'r1','workflow_name':'builder','task_input':'t','status':'completed',"                     \
	"'created_at':'2025-06-20T10:00:00+00:00','completed_at':'2025-06-20T10:01:00+00:00'"

static void what_fits_is_taken(void **state)
{
	auto_taken struct taken taken = take(WAKE_EXISTING_RUNS,
	    "{" PLAIN ",'session_id':'AAAAAAAA-0000-4000-8000-000000000001','user_id':"
	    "'aaaaaaaa-0000-4000-8000-000000000002','cost_estimate':'1.234567','input_tokens':'7',"
	    "'workspace_persistent':'false','git_diff_stats':'{\\\"a\\\": [1, 0.1]}','metadata':'{\\\"k\\\": null}',"
	    "'initial_commit_hash':'" HASH "','num_turns':'3','temp_workspace':'true','error_message':null}",
	    true);

	(void)state;
	assert_int_equal(json_array_size(taken.told.misfits), 0);
	assert_int_equal(taken.event.type, WAKE_EVENT_RUN_IMPORTED);
	assert_string_equal(taken.told.old_status, "completed");
	expect(taken.event.data,
	    "{'run_id':'r1','source':'workflow_runs','status':'completed','workflow_name':'builder',"
	    "'created_at':'2025-06-20T10:00:00.000000Z','completed_at':'2025-06-20T10:01:00.000000Z',"
	    "'started_at':null,'session_id':'aaaaaaaa-0000-4000-8000-000000000001',"
	    "'user_id':'aaaaaaaa-0000-4000-8000-000000000002','cost_micros':1234567,'input_tokens':7,"
	    "'workspace_persistent':false,'git_diff_stats':{'a':[1,0.1]},'metadata':{'k':null},"
	    "'initial_commit_hash':'" HASH "','num_turns':3,'temp_workspace':null,'error_message':null}");
}

static void the_same_row_gives_the_same_event(void **state)
{
	auto_taken struct taken one = take(WAKE_EXISTING_RUNS, "{" PLAIN "}", false);
	auto_taken struct taken again = take(WAKE_EXISTING_RUNS, "{" PLAIN "}", false);
	auto_taken struct taken other = take(WAKE_EXISTING_RUNS, "{" PLAIN ",'result':'x'}", false);

	(void)state;
	assert_string_equal(one.event.id, again.event.id);
	assert_string_not_equal(one.event.id, other.event.id);
	assert_string_equal(one.told.payload, again.told.payload);
}

static void what_does_not_fit_is_kept_whole(void **state)
{
	static const struct {
		const char *column, *value;
		const char *event; /* what the event has instead */
	} cases[] = {
		{ "run_id", "a b/c", NULL },
		{ "run_id", "", NULL },
		{ "initial_commit_hash", "abc", "{'initial_commit_hash':null}" },
		{ "input_tokens", "-1", "{'input_tokens':null}" },
		{ "input_tokens", "99999999999999999999", "{'input_tokens':null}" },
		{ "input_tokens", "1.5", "{'input_tokens':null}" },
		{ "num_turns", "2147483648", "{'num_turns':null}" },
		{ "cost_estimate", "NaN", "{'cost_micros':null}" },
		{ "cost_estimate", "-0.5", "{'cost_micros':null}" },
		{ "cost_estimate", "1000000", "{'cost_micros':null}" },
		{ "cost_estimate", "0.0834712345", "{'cost_micros':83471}" },
		{ "cost_estimate", "0.0000001", "{'cost_micros':0}" },
		{ "workspace_persistent", "maybe", "{'workspace_persistent':null}" },
		{ "git_diff_stats", "[1]", "{'git_diff_stats':null}" },
		{ "metadata", "no JSON", NULL },
		{ "metadata", "[1]", NULL },
		{ "metadata", "{\"a\":1e999}", NULL },
		{ "metadata", "{\"a\":123456789012345678901}", NULL },
		{ "metadata", "{\"a\":[\"\\\"\",-0.00123456789012345678901]}", NULL },
		{ "git_diff_stats", "{\"a\":1.23456789012345678e-5}", "{'git_diff_stats':null}" },
		{ "metadata", "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":"
		              "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}}}}}}}}}}}}}", NULL },
		{ "completed_at", "infinity", "{'completed_at':'2025-06-20T10:00:00.000000Z'}" },
		{ "completed_at", "12025-06-20T10:00:00+00:00", NULL },
		{ "updated_at", "0044-03-15T10:00:00+00:00 BC", "{'updated_at':null}" },
		{ "status", "orphaned", "{'status':'failed'}" },
		{ "status", "terminated", "{'status':'killed'}" },
		{ "status", "a new word", "{'status':'failed'}" },
		{ "status", "Completed", "{'status':'completed'}" },
		{ "status", " KILLED\n", "{'status':'killed'}" },
		{ "status", "killed by hand", "{'status':'failed'}" },
		{ "status", "", "{'status':'failed'}" },
		{ "user_id", "nobody", "{'user_id':null}" },
		{ "parent_run_id", "a b", "{'parent_run_id':null}" },
	};

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		wake_auto_json json_t *values = load("{" PLAIN "}");
		struct wake_existing_row row = { WAKE_EXISTING_RUNS, values, false, false, NOW };
		auto_taken struct taken taken = { 0 };
		struct wake_error err;
		const char *kept;
		char key[64];

		assert_int_equal(json_object_set_new(values, cases[i].column, json_string(cases[i].value)), 0);
		if (wake_existing_row_event(&row, &taken.event, &taken.told, &err) != WAKE_OK)
			fail_msg("%s %s: %s", cases[i].column, cases[i].value, err.text);
		(void)snprintf(key, sizeof(key), "legacy_%s", cases[i].column);
		kept = wake_json_string(json_object_get(taken.event.data, "metadata"), key);
		if (!kept || strcmp(kept, cases[i].value) != 0)
			fail_msg("%s %s is lost", cases[i].column, cases[i].value);
		if (cases[i].event)
			expect(taken.event.data, cases[i].event);
	}
}

static void numbers_that_a_double_holds_are_taken(void **state)
{
	auto_taken struct taken taken = take(WAKE_EXISTING_RUNS,
	    "{" PLAIN ",'cost_estimate':'1.2500000','metadata':'{\\\"a\\\":[0.30000000000000004,1e-7,100000000000000000000e0],"
	    "\\\"1.234567890123456789012\\\":\\\"1.234567890123456789012\\\"}'}",
	    false);

	(void)state;
	assert_int_equal(json_array_size(taken.told.misfits), 0);
	expect(taken.event.data, "{'cost_micros':1250000,'metadata':{'a':[0.30000000000000004,1e-7,1e20],"
	                         "'1.234567890123456789012':'1.234567890123456789012'}}");
}

static void long_texts_are_cut_at_a_character(void **state)
{
	char name[256] = "", row[512];
	auto_taken struct taken taken = { 0 };

	(void)state;
	for (size_t i = 0; i < 101; i++)
		memcpy(name + 2 * i, "\xc3\xa9", 3);
	(void)snprintf(row, sizeof(row), "{'run_id':'r','status':'failed','workflow_name':'%s'}", name);
	taken = take(WAKE_EXISTING_RUNS, row, false);
	assert_int_equal(strlen(wake_json_string(taken.event.data, "workflow_name")), 200);
	assert_string_equal(
	    wake_json_string(json_object_get(taken.event.data, "metadata"), "legacy_workflow_name"), name);
	expect_misfit(&taken, "workflow_name: longer");
	expect_misfit(&taken, "created_at: none");
	expect_misfit(&taken, "completed_at: none");
	expect(taken.event.data, "{'created_at':'2025-10-09T08:53:20.000000Z'}");
}

static void an_unknown_session_is_the_agents(void **state)
{
	auto_taken struct taken taken = take(WAKE_EXISTING_RUNS, "{" PLAIN ",'session_id':'s-1'}", false);
	auto_taken struct taken both =
	    take(WAKE_EXISTING_RUNS, "{" PLAIN ",'session_id':'s-1','agent_session_id':'s-2'}", false);

	(void)state;
	expect(taken.event.data, "{'session_id':null,'agent_session_id':'s-1'}");
	expect_misfit(&taken, "session_id: ");
	expect(both.event.data, "{'session_id':null,'agent_session_id':'s-2','metadata':{'legacy_session_id':'s-1'}}");
}

static void a_run_that_goes_on_keeps_no_end(void **state)
{
	auto_taken struct taken taken = take(WAKE_EXISTING_RUNS,
	    "{'run_id':'r','status':'running','created_at':'2025-06-20T10:00:00','completed_at':'2025-06-20 10:01:00+00',"
	    "'final_commit_hash':'" HASH "'}",
	    false);

	(void)state;
	assert_true(taken.told.assumed_utc);
	expect(taken.event.data,
	    "{'completed_at':null,'final_commit_hash':null,'created_at':'2025-06-20T10:00:00.000000Z',"
	    "'metadata':{'legacy_completed_at':'2025-06-20 10:01:00+00','legacy_final_commit_hash':'" HASH "'}}");
}

static void processes_are_carried_over(void **state)
{
	auto_taken struct taken fresh = take(WAKE_EXISTING_PROCESSES,
	    "{'run_id':'p','status':'running','pid':'42','last_heartbeat':'2025-10-09 08:00:00','process_info':"
	    "'{\\\"cmd\\\":\\\"x\\\"}'}",
	    false);
	auto_taken struct taken stale = take(WAKE_EXISTING_PROCESSES,
	    "{'run_id':'p','status':'running','last_heartbeat':'2025-10-08T08:00:00+00:00','started_at':"
	    "'2025-10-08T07:00:00+00:00'}",
	    false);
	auto_taken struct taken pending = take(WAKE_EXISTING_PROCESSES, "{'run_id':'p','status':'pending'}", false);

	(void)state;
	assert_true(fresh.told.assumed_utc);
	expect(fresh.event.data, "{'status':'running','source':'workflow_processes','workflow_name':null,'agent_pid':null,"
	                         "'last_heartbeat_at':'2025-10-09T08:00:00.000000Z','metadata':{'legacy_pid':'42',"
	                         "'legacy_process_info':{'cmd':'x'}}}");
	expect(stale.event.data,
	    "{'status':'failed','completed_at':'2025-10-08T08:00:00.000000Z','error_message':"
	    "'its process was lost: the last sign of it is from 2025-10-08T08:00:00.000000Z',"
	    "'metadata':{'legacy_status':'running'}}");
	assert_string_equal(stale.told.status, "failed");
	expect(pending.event.data, "{'status':'failed','metadata':{'legacy_status':'pending'}}");
}

/* It is the heartbeat that tells, and none of next century. */
static void what_gave_no_heartbeat_of_late_is_lost(void **state)
{
	static const struct {
		const char *members, *event;
	} cases[] = {
		{ "'last_heartbeat':'2025-10-08T08:53:21+00:00'", "{'status':'running','completed_at':null}" },
		{ "'last_heartbeat':'2025-10-08T08:53:20+00:00'", "{'status':'failed','completed_at':'2025-10-08T08:53:20.000000Z'}" },
		{ "'last_heartbeat':'2025-10-09T11:00:00'", "{'status':'running','completed_at':null}" },
		{ "'last_heartbeat':'2999-01-01T00:00:00+00:00'", "{'status':'failed','completed_at':'2025-10-09T08:53:20.000000Z'}" },
		{ "'updated_at':'2025-10-09T08:00:00+00:00'", "{'status':'failed','completed_at':'2025-10-09T08:00:00.000000Z'}" },
		{ "'pid':'1'", "{'status':'failed','error_message':'its process was lost: there is no sign of it'}" },
	};

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		char row[256];
		auto_taken struct taken taken = { 0 };

		(void)snprintf(row, sizeof(row), "{'run_id':'p','status':'running',%s}", cases[i].members);
		taken = take(WAKE_EXISTING_PROCESSES, row, false);
		expect(taken.event.data, cases[i].event);
	}
}

static void times_are_read(void **state)
{
	static const struct {
		const char *text;
		bool is_time, has_zone;
	} cases[] = { { "2025-06-20T10:00:00+00:00", true, true }, { "2025-06-20 10:00:00.5+02", true, true },
		{ "2025-06-20T10:00:00", true, false }, { "2025-06-20 10:00:00.123456", true, false },
		{ "2025-06-20T10:00:00Z", true, true }, { "2025-06-20", false, false }, { "", false, false },
		{ "infinity", false, false }, { "-infinity", false, false }, { "2025-06-20T10:00:00+00:00 BC", false, false },
		{ "2025-13-20T10:00:00", false, false }, { "2025-06-20T10:00:00+0:0:0:0:0:0:0:0:0:0:0:0:0", false, false } };

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		bool has_zone = false;
		int64_t at = 0;

		assert_int_equal(wake_existing_time(cases[i].text, &at, &has_zone), cases[i].is_time);
		if (cases[i].is_time)
			assert_int_equal(has_zone, cases[i].has_zone);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits_is_taken),
		cmocka_unit_test(the_same_row_gives_the_same_event),
		cmocka_unit_test(what_does_not_fit_is_kept_whole),
		cmocka_unit_test(numbers_that_a_double_holds_are_taken),
		cmocka_unit_test(long_texts_are_cut_at_a_character),
		cmocka_unit_test(an_unknown_session_is_the_agents),
		cmocka_unit_test(a_run_that_goes_on_keeps_no_end),
		cmocka_unit_test(processes_are_carried_over),
		cmocka_unit_test(what_gave_no_heartbeat_of_late_is_lost),
		cmocka_unit_test(times_are_read),
	};

	return cmocka_run_group_tests_name("existing_row", tests, NULL, NULL);
}
