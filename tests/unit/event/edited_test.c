/* SPDX-License-Identifier: MIT */
/* event/edited: a hint says where, since when, and which paths, or all. */
#include "event/edited.h"

#include "fake_repo.h"

static const struct wake_identity identity = {
	"0191d5f0-0000-7000-8000-000000000001", "0191d5f0-0000-7000-8000-000000000002"
};

static void says_where_and_since_when(void **state)
{
	struct wake_worktree worktree = { (char *)"/r", (char *)"/r/.git", (char *)"/r/.git" };
	wake_auto_events struct wake_events events = { 0 };
	struct wake_edited edited = { .worktree = &worktree, .identity = &identity, .reason = "finish" };
	const json_t *data;
	struct wake_error err;

	(void)state;
	edited.run_id = "job-1";
	edited.at = 1700000000 * WAKE_SECOND;
	assert_int_equal(wake_edited_add(&events, &edited, &err), WAKE_OK);
	data = events.items[0].data;
	assert_int_equal(events.items[0].type, WAKE_EVENT_EDITED);
	assert_true(events.items[0].at == edited.at);
	assert_string_equal(wake_json_string(data, "since"), "2023-11-14T22:13:20.000000Z");
	assert_string_equal(wake_json_string(data, "repository_id"), identity.repository_id);
	assert_string_equal(wake_json_string(data, "worktree_id"), identity.worktree_id);
	assert_string_equal(wake_json_string(data, "root"), "/r");
	assert_string_equal(wake_json_string(data, "git_dir"), "/r/.git");
	assert_string_equal(wake_json_string(data, "run_id"), "job-1");
	assert_true(wake_json_true(data, "whole"));
	assert_null(json_object_get(data, "paths"));
}

static void carries_paths(void **state)
{
	struct wake_worktree worktree = { (char *)"/r", (char *)"/r/.git", (char *)"/r/.git" };
	wake_auto_events struct wake_events events = { 0 };
	wake_auto_json json_t *paths = json_array();
	struct wake_edited edited = {
		.worktree = &worktree, .identity = &identity, .reason = "settled", .since = WAKE_SECOND, .paths = paths
	};
	const json_t *data;
	struct wake_error err;

	(void)state;
	assert_int_equal(wake_event_add_path(paths, "a/b", &err), WAKE_OK);
	assert_int_equal(wake_edited_add(&events, &edited, &err), WAKE_OK);
	data = events.items[0].data;
	assert_string_equal(wake_json_string(data, "since"), "1970-01-01T00:00:01.000000Z");
	assert_string_equal(json_string_value(json_array_get(json_object_get(data, "paths"), 0)), "a/b");
	assert_false(wake_json_true(data, "whole"));
	assert_null(json_object_get(data, "run_id"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_where_and_since_when),
		cmocka_unit_test(carries_paths),
	};

	return cmocka_run_group_tests_name("edited", tests, NULL, NULL);
}
