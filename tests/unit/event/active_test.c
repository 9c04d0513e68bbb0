/* SPDX-License-Identifier: MIT */
/* event/active: runs that are active, as files. */
#include "event/active.h"

#include "../base/scratch.h"
#include "base/fs.h"

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

static void its_process_comes_back(void **state)
{
	const struct wake_paths paths = { .state = *state };
	wake_auto_active struct wake_active read = { 0 }, bare = { 0 };
	struct wake_active active = make("job-1", NULL), booted = make("job-2", NULL);

	active.pid = 4194304;
	active.pid_start = UINT64_C(9007199254740993); /* more than a double holds */
	memcpy(active.boot_id, "0f8e9d4c-3f0a-4b1e-9a57-1c2d3e4f5a6b", sizeof(active.boot_id));
	active.pid_namespace = UINT64_C(4026531836);
	memcpy(active.host, "box \"7\"", sizeof("box \"7\""));
	booted.pid = 1;
	assert_int_equal(wake_active_add(&paths, &active, &err), WAKE_OK);
	assert_int_equal(wake_active_add(&paths, &booted, &err), WAKE_OK);
	assert_int_equal(wake_active_read(&paths, "job-1", &read, &err), WAKE_OK);
	assert_int_equal(read.pid, active.pid);
	assert_true(read.pid_start == active.pid_start);
	assert_string_equal(read.boot_id, active.boot_id);
	assert_true(read.pid_namespace == active.pid_namespace);
	assert_string_equal(read.host, active.host);
	assert_int_equal(wake_active_read(&paths, "job-2", &bare, &err), WAKE_OK);
	assert_true(bare.pid_namespace == 0);
	assert_string_equal(bare.host, "");
	assert_int_equal(bare.pid, 1);
	assert_string_equal(bare.boot_id, "");
}

/* As the version before wrote it, without the brace at the end. */
#define EARLIER                                                                                              \
	"{\"run_id\":\"job-1\",\"started_at\":\"2026-11-22T16:50:18.000000Z\","                              \
	"\"version\":1,\"workspace_id\":\"w\""

static void files_without_a_process_are_read(void **state)
{
	const struct wake_paths paths = { .state = *state };
	wake_auto_free char *file = scratch_path(state, "runs/job-1/run.json");
	wake_auto_active struct wake_active read = { 0 };
	struct wake_active active = make("job-1", NULL);

	assert_int_equal(wake_active_add(&paths, &active, &err), WAKE_OK);
	scratch_write(file, EARLIER "}\n");
	assert_int_equal(wake_active_read(&paths, "job-1", &read, &err), WAKE_OK);
	assert_int_equal(read.pid, 0);
	assert_true(read.pid_start == 0);
	assert_string_equal(read.boot_id, "");
}

static void a_process_that_cannot_be_is_told(void **state)
{
	static const char *const ends[] = { ",\"pid\":0,\"pid_start\":1}", ",\"pid\":-1,\"pid_start\":1}",
		",\"pid\":4194305,\"pid_start\":1}", ",\"pid\":1}", ",\"pid\":1,\"pid_start\":-1}",
		",\"pid\":\"1\",\"pid_start\":1}", ",\"pid\":1,\"pid_start\":1,\"boot_id\":\"x\"}",
		",\"pid\":1,\"pid_start\":1,\"pid_namespace\":-1}" };
	const struct wake_paths paths = { .state = *state };
	wake_auto_free char *file = scratch_path(state, "runs/job-1/run.json");
	struct wake_active active = make("job-1", NULL), read = { 0 };

	assert_int_equal(wake_active_add(&paths, &active, &err), WAKE_OK);
	for (size_t i = 0; i < WAKE_COUNT(ends); i++) {
		wake_auto_free char *text = NULL;

		assert_int_equal(wake_str_format(&text, &err, EARLIER "%s", ends[i]), WAKE_OK);
		scratch_write(file, text);
		assert_int_equal(wake_active_read(&paths, "job-1", &read, &err), WAKE_CORRUPT);
	}
}

static bool holds(const struct wake_active_list *list, const char *run_id)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->items[i].run_id, run_id) == 0)
			return true;
	}
	return false;
}

static void all_are_listed(void **state)
{
	const struct wake_paths paths = { .state = *state };
	wake_auto_active_list struct wake_active_list none = { 0 }, list = { 0 };

	assert_int_equal(wake_active_list(&paths, &none, &err), WAKE_OK);
	assert_int_equal(none.count, 0);
	for (int i = 0; i < 40; i++) {
		wake_auto_free char *run_id = NULL;
		struct wake_active active;

		assert_int_equal(wake_str_format(&run_id, &err, "job-%d", i), WAKE_OK);
		active = make(run_id, (char *)"/w");
		assert_int_equal(wake_active_add(&paths, &active, &err), WAKE_OK);
	}
	assert_int_equal(wake_active_list(&paths, &list, &err), WAKE_OK);
	assert_int_equal(list.count, 40);
	assert_int_equal(list.skipped, 0);
	assert_true(holds(&list, "job-0") && holds(&list, "job-39"));
	assert_string_equal(list.items[7].workspace_path, "/w");
}

/* One bad entry must not hide the others; a directory without run.json is a run that ends, or begins. */
static void a_list_passes_over_what_is_no_run(void **state)
{
	const struct wake_paths paths = { .state = *state };
	wake_auto_free char *damaged = scratch_path(state, "runs/job-2/run.json");
	wake_auto_free char *foreign = scratch_path(state, "runs/no run id");
	wake_auto_free char *ended = scratch_path(state, "runs/job-3");
	struct wake_active first = make("job-1", NULL), second = make("job-2", NULL);
	wake_auto_active_list struct wake_active_list list = { 0 };

	assert_int_equal(wake_active_add(&paths, &first, &err), WAKE_OK);
	assert_int_equal(wake_active_add(&paths, &second, &err), WAKE_OK);
	scratch_write(damaged, "{\"run_id\":");
	scratch_write(foreign, "x");
	assert_int_equal(mkdir(ended, 0700), 0);
	assert_int_equal(wake_active_list(&paths, &list, &err), WAKE_OK);
	assert_int_equal(list.count, 1);
	assert_true(holds(&list, "job-1"));
	assert_int_equal(list.skipped, 2);
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

static void the_first_session_leads(void **state)
{
	const struct wake_paths paths = { .state = *state };
	wake_auto_free char *dir = scratch_path(state, "runs/job-1");
	struct wake_active active = make("job-1", NULL);
	bool leads = false;

	assert_int_equal(wake_active_lead(&paths, "job-1", "one", &leads, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_active_add(&paths, &active, &err), WAKE_OK);
	assert_int_equal(wake_active_lead(&paths, "job-1", "one", &leads, &err), WAKE_OK);
	assert_true(leads);
	assert_int_equal(wake_active_lead(&paths, "job-1", "two", &leads, &err), WAKE_OK);
	assert_false(leads);
	assert_int_equal(wake_active_lead(&paths, "job-1", "one", &leads, &err), WAKE_OK);
	assert_true(leads);
	assert_int_equal(wake_active_remove(&paths, "job-1", &err), WAKE_OK);
	assert_false(wake_fs_is_dir(dir));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(comes_back_as_it_was),
		scratch_test(its_process_comes_back),
		scratch_test(files_without_a_process_are_read),
		scratch_test(a_process_that_cannot_be_is_told),
		scratch_test(all_are_listed),
		scratch_test(a_list_passes_over_what_is_no_run),
		scratch_test(a_second_one_is_refused),
		scratch_test(removing_leaves_what_is_not_its_own),
		scratch_test(names_cannot_lead_elsewhere),
		scratch_test(broken_files_are_told),
		scratch_test(the_first_session_leads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
