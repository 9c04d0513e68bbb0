/* SPDX-License-Identifier: MIT */
/* What several imports of one run come to. */
#include "store/import_merge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/scope.h"

static json_t *load(const char *text)
{
	char *copy = strdup(text);
	json_t *json;

	assert_non_null(copy);
	for (char *at = copy; *at; at++)
		*at = *at == '\'' ? '"' : *at;
	json = json_loads(copy, 0, NULL);
	assert_non_null(json);
	free(copy);
	return json;
}

/* Merges the texts, in this order, each by an event of its place in events. */
static json_t *merge(const char *const *texts, const char *events, size_t count)
{
	struct wake_import imports[8] = { 0 };
	struct wake_error err;
	json_t *merged = NULL;

	for (size_t i = 0; i < count; i++) {
		(void)snprintf(imports[i].event, sizeof(imports[i].event), "%c", events[i]);
		imports[i].data = load(texts[i]);
	}
	assert_int_equal(wake_import_merge(imports, count, &merged, &err), WAKE_OK);
	for (size_t i = 0; i < count; i++)
		json_decref(imports[i].data);
	return merged;
}

static void expect(const json_t *merged, const char *members)
{
	wake_auto_json json_t *expected = load(members);
	const char *key;
	json_t *value;

	json_object_foreach(expected, key, value)
	{
		json_t *got = json_object_get(merged, key);

		if (json_is_null(value) ? got != NULL : !json_equal(value, got))
			fail_msg("%s is %s", key, json_dumps(got, JSON_ENCODE_ANY));
	}
}

static void one_is_filled_in(void **state)
{
	const char *const texts[] = {
		"{'run_id':'r','status':'completed','created_at':'2025-06-20T12:00:00+02:00',"
		"'completed_at':'2025-06-20T10:01:05Z'}",
	};
	wake_auto_json json_t *merged = merge(texts, "a", 1);

	(void)state;
	expect(merged, "{'created_at':'2025-06-20T10:00:00.000000Z','started_at':'2025-06-20T10:00:00.000000Z',"
	               "'completed_at':'2025-06-20T10:01:05.000000Z','updated_at':'2025-06-20T10:01:05.000000Z',"
	               "'duration_seconds':65,'workflow_name':'unknown','task_input':'','end_event_id':'a',"
	               "'metadata':{}}");
}

static void one_that_goes_on_has_no_end(void **state)
{
	const char *const texts[] = {
		"{'run_id':'r','status':'running','created_at':'2025-06-20T10:00:00Z',"
		"'completed_at':'2025-06-20T10:01:05Z','duration_seconds':5,'final_commit_hash':'x'}",
	};
	wake_auto_json json_t *merged = merge(texts, "a", 1);

	(void)state;
	expect(merged, "{'status':'running','completed_at':null,'duration_seconds':null,'final_commit_hash':null,"
	               "'end_event_id':null}");
}

static void the_first_word_stands(void **state)
{
	const char *const texts[] = {
		"{'run_id':'r','status':'running','created_at':'2025-06-20T10:00:00Z','task_input':'a',"
		"'metadata':{'k':'a'}}",
		"{'run_id':'r','status':'running','created_at':'2025-06-20T09:00:00Z','task_input':'b','host':'b',"
		"'metadata':{'k':'b','n':null}}",
	};
	wake_auto_json json_t *merged = merge(texts, "ba", 2);

	(void)state;
	expect(merged, "{'task_input':'a','host':'b','created_at':'2025-06-20T10:00:00.000000Z',"
	               "'metadata':{'k':'a','n':null}}");
}

/* A terminal state before none, the earlier end, and between equal ones the event's id. */
static void the_first_end_stands(void **state)
{
	static const char going[] = "{'run_id':'r','status':'running','created_at':'2025-06-20T10:00:00Z'}";
	static const char late[] = "{'run_id':'r','status':'completed','created_at':'2025-06-20T10:00:00Z',"
	                           "'completed_at':'2025-06-20T10:00:09Z','result':'late'}";
	static const char early[] = "{'run_id':'r','status':'failed','created_at':'2025-06-20T10:00:00Z',"
	                            "'completed_at':'2025-06-20T10:00:08+00:00'}";
	static const char other[] = "{'run_id':'r','status':'killed','created_at':'2025-06-20T10:00:00Z',"
	                            "'completed_at':'2025-06-20T10:00:08Z'}";
	const char *const texts[] = { going, late, early, other };
	wake_auto_json json_t *by_time = merge(texts, "abcd", 4), *by_event = merge(texts, "abdc", 4);

	(void)state;
	expect(by_time, "{'status':'failed','result':'late','end_event_id':'c','duration_seconds':8}");
	expect(by_event, "{'status':'killed','result':'late','end_event_id':'c'}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_is_filled_in),
		cmocka_unit_test(one_that_goes_on_has_no_end),
		cmocka_unit_test(the_first_word_stands),
		cmocka_unit_test(the_first_end_stands),
	};

	return cmocka_run_group_tests_name("import_merge", tests, NULL, NULL);
}
