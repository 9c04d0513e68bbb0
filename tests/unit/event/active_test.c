/* SPDX-License-Identifier: MIT */
/* event/active: runs that are active, as files. */
#include "event/active.h"

#include "../base/scratch.h"

static struct wake_error err;

static struct wake_active make(const char *run_id, char *path)
{
	struct wake_active active = {
		.workspace_id = "w", .workspace_path = path, .started_at = INT64_C(1800000000123456)
	};

	(void)snprintf(active.run_id, sizeof(active.run_id), "%s", run_id);
	return active;
}

static void comes_back_as_it_was(void **state)
{
	const struct wake_paths paths = { .state = *state };
	wake_auto_active struct wake_active read = { 0 };
	struct wake_active active = make("job-1", (char *)"/w \"x\"\n");

	assert_int_equal(wake_active_read(&paths, "job-1", &read, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_active_add(&paths, &active, &err), WAKE_OK);
	assert_int_equal(wake_active_read(&paths, "job-1", &read, &err), WAKE_OK);
	assert_string_equal(read.run_id, "job-1");
	assert_string_equal(read.workspace_id, "w");
	assert_string_equal(read.workspace_path, "/w \"x\"\n");
	assert_true(read.started_at == active.started_at);
}

static void a_second_one_is_refused(void **state)
{
	const struct wake_paths paths = { .state = *state };
	struct wake_active active = make("job-1", NULL);

	assert_int_equal(wake_active_add(&paths, &active, &err), WAKE_OK);
	assert_int_equal(wake_active_add(&paths, &active, &err), WAKE_EXISTS);
}

static void removing_leaves_what_is_not_its_own(void **state)
{
	const struct wake_paths paths = { .state = *state };
	wake_auto_free char *other = scratch_path(state, "runs/job-1/inbox");
	wake_auto_free char *dir = scratch_path(state, "runs/job-2");
	struct wake_active first = make("job-1", NULL), second = make("job-2", NULL);
	struct wake_active read = { 0 };

	assert_int_equal(wake_active_add(&paths, &first, &err), WAKE_OK);
	assert_int_equal(wake_active_add(&paths, &second, &err), WAKE_OK);
	scratch_write(other, "x");
	assert_int_equal(wake_active_remove(&paths, "job-1", &err), WAKE_OK);
	assert_int_equal(access(other, F_OK), 0);
	assert_int_equal(wake_active_read(&paths, "job-1", &read, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_active_remove(&paths, "job-2", &err), WAKE_OK);
	assert_int_equal(access(dir, F_OK), -1);
	assert_int_equal(wake_active_remove(&paths, "job-2", &err), WAKE_OK); /* gone already */
	assert_int_equal(wake_active_add(&paths, &first, &err), WAKE_OK);     /* and again */
}

static void names_cannot_lead_elsewhere(void **state)
{
	static const char *const names[] = { "", ".", "..", "../x", "a/b", "-x", "a b", "a\nb" };
	const struct wake_paths paths = { .state = *state };
	struct wake_active read = { 0 };

	for (size_t i = 0; i < WAKE_COUNT(names); i++) {
		struct wake_active active = make(names[i], NULL);

		assert_int_equal(wake_active_add(&paths, &active, &err), WAKE_INVALID);
		assert_int_equal(wake_active_read(&paths, names[i], &read, &err), WAKE_INVALID);
		assert_int_equal(wake_active_remove(&paths, names[i], &err), WAKE_INVALID);
	}
}

static void broken_files_are_told(void **state)
{
	static const char *const texts[] = { "", "{", "[]", "{\"workspace_id\":1,\"started_at\":\"x\"}",
		"{\"workspace_id\":\"w\",\"started_at\":\"x\"}" };
	const struct wake_paths paths = { .state = *state };
	wake_auto_free char *file = scratch_path(state, "runs/job-1/run.json");
	struct wake_active active = make("job-1", NULL), read = { 0 };

	assert_int_equal(wake_active_add(&paths, &active, &err), WAKE_OK);
	for (size_t i = 0; i < WAKE_COUNT(texts); i++) {
		scratch_write(file, texts[i]);
		assert_int_equal(wake_active_read(&paths, "job-1", &read, &err), WAKE_CORRUPT);
		assert_non_null(strstr(err.text, "run.json"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(comes_back_as_it_was),
		scratch_test(a_second_one_is_refused),
		scratch_test(removing_leaves_what_is_not_its_own),
		scratch_test(names_cannot_lead_elsewhere),
		scratch_test(broken_files_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
