/* SPDX-License-Identifier: MIT */
/* watcher/pending: every path once, none lost, and events that fit into the spool. */
#include "watcher/pending.h"

#include "../base/scratch.h"
#include "base/clock.h"

static const struct wake_identity identity = {
	"0191d5f0-0000-7000-8000-000000000001", "0191d5f0-0000-7000-8000-000000000002"
};
static const struct wake_worktree worktree = { (char *)"/r", (char *)"/r/.git", (char *)"/r/.git" };

static void format(const struct wake_pending *pending, struct wake_events *events)
{
	struct wake_edited place = { .worktree = &worktree, .identity = &identity, .at = wake_clock_now() };
	struct wake_error err = { 0 };

	if (wake_pending_format(pending, &place, events, &err) < 0)
		fail_msg("%s", err.text);
}

static const char *reason_of(const struct wake_events *events)
{
	return wake_json_string(events->items[0].data, "reason");
}

static size_t count_paths(const struct wake_events *events)
{
	size_t count = 0;

	for (size_t i = 0; i < events->count; i++)
		count += json_array_size(json_object_get(events->items[i].data, "paths"));
	return count;
}

static void keeps_each_path_once(void **state)
{
	wake_auto_events struct wake_events events = { 0 };
	struct wake_pending pending = { 0 };

	(void)state;
	assert_false(wake_pending_has_any(&pending));
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 1999; i++) {
			char path[32];

			(void)snprintf(path, sizeof(path), "dir/%d", i);
			wake_pending_add(&pending, path);
		}
	}
	assert_true(wake_pending_has_any(&pending));
	format(&pending, &events);
	assert_int_equal(events.count, 4); /* 500 a list */
	assert_int_equal(count_paths(&events), 1999);
	assert_string_equal(reason_of(&events), "settled");
	wake_pending_clear(&pending);
	assert_false(wake_pending_has_any(&pending));
}

static void too_many_are_the_whole(void **state)
{
	wake_auto_events struct wake_events events = { 0 };
	struct wake_pending pending = { 0 };

	(void)state;
	for (int i = 0; i <= WAKE_PENDING_MAX; i++) {
		char path[32];

		(void)snprintf(path, sizeof(path), "%d", i);
		wake_pending_add(&pending, path);
	}
	wake_pending_add(&pending, "and more");
	format(&pending, &events);
	assert_int_equal(events.count, 1);
	assert_true(wake_json_true(events.items[0].data, "whole"));
	assert_string_equal(reason_of(&events), "settled");
	wake_pending_clear(&pending);
}

static void tells_a_head_without_paths(void **state)
{
	wake_auto_events struct wake_events events = { 0 };
	wake_auto_events struct wake_events with_path = { 0 };
	struct wake_pending pending = { 0 };

	(void)state;
	wake_pending_add_head(&pending);
	format(&pending, &events);
	assert_int_equal(events.count, 1);
	assert_string_equal(reason_of(&events), "head");
	assert_int_equal(count_paths(&events), 0);
	assert_false(wake_json_true(events.items[0].data, "whole"));
	wake_pending_add(&pending, "a");
	format(&pending, &with_path);
	assert_string_equal(reason_of(&with_path), "settled");
	wake_pending_clear(&pending);
}

static void tells_a_scan(void **state)
{
	wake_auto_events struct wake_events events = { 0 };
	struct wake_pending pending = { 0 };

	(void)state;
	wake_pending_add(&pending, "a");
	wake_pending_add_whole(&pending);
	pending.scanned = true;
	format(&pending, &events);
	assert_int_equal(events.count, 1);
	assert_true(wake_json_true(events.items[0].data, "whole"));
	assert_string_equal(reason_of(&events), "scan");
	wake_pending_clear(&pending);
}

/* Bytes that are quoted grow: 500 of the longest paths must still fit. */
static void every_event_fits_into_the_spool(void **state)
{
	wake_auto_events struct wake_events events = { 0 };
	struct wake_pending pending = { 0 };

	(void)state;
	for (int i = 0; i < 600; i++) {
		char path[4096];
		int len = snprintf(path, sizeof(path), "%d/", i);

		memset(path + len, i % 2 ? '\xff' : '\x01', sizeof(path) - (size_t)len - 1);
		path[sizeof(path) - 1] = '\0';
		wake_pending_add(&pending, path);
	}
	format(&pending, &events);
	assert_int_equal(count_paths(&events), 600);
	for (size_t i = 0; i < events.count; i++) {
		wake_auto_str struct wake_str text = WAKE_STR(WAKE_EVENT_LARGEST);
		struct wake_error err;

		assert_true(json_array_size(json_object_get(events.items[i].data, "paths")) > 0);
		assert_int_equal(wake_event_format(&events.items[i], &text, &err), WAKE_OK);
		assert_true(text.len < WAKE_EVENT_MAX);
	}
	wake_pending_clear(&pending);
}

static void a_path_too_long_is_the_whole(void **state)
{
	wake_auto_events struct wake_events events = { 0 };
	struct wake_pending pending = { 0 };
	wake_auto_free char *path = calloc(1, WAKE_EVENT_PATH_MAX + 1);

	(void)state;
	assert_non_null(path);
	memset(path, 'a', WAKE_EVENT_PATH_MAX);
	wake_pending_add(&pending, path);
	format(&pending, &events);
	assert_true(wake_json_true(events.items[0].data, "whole"));
	wake_pending_clear(&pending);
}

/* A clock that is set back must not make a hint end before it begins. */
static void since_is_never_later_than_at(void **state)
{
	wake_auto_events struct wake_events events = { 0 };
	struct wake_pending pending = { 0 };
	int64_t since = 0;
	struct wake_error err;

	(void)state;
	wake_pending_add(&pending, "a");
	pending.since += 3600 * WAKE_SECOND;
	format(&pending, &events);
	assert_int_equal(
	    wake_time_parse(wake_json_string(events.items[0].data, "since"), &since, &err), WAKE_OK);
	assert_true(since <= events.items[0].at);
	wake_pending_clear(&pending);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_each_path_once),
		cmocka_unit_test(too_many_are_the_whole),
		cmocka_unit_test(tells_a_head_without_paths),
		cmocka_unit_test(tells_a_scan),
		cmocka_unit_test(every_event_fits_into_the_spool),
		cmocka_unit_test(a_path_too_long_is_the_whole),
		cmocka_unit_test(since_is_never_later_than_at),
	};

	return cmocka_run_group_tests_name("pending", tests, NULL, NULL);
}
