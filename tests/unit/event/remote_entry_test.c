/* SPDX-License-Identifier: MIT */
/* event/remote_entry: runs at services elsewhere, as files. */
#include "event/remote_entry.h"

#include <stdlib.h>

#include "../base/scratch.h"
#include "base/clock.h"

#define auto_entry wake_auto_remote_entry struct wake_remote_entry
#define URL "https://example.org/x"
#define AT INT64_C(1800000000123456)

static struct wake_error err;

static struct wake_paths paths_of(void *const *state)
{
	return (struct wake_paths){ .state = *state, .spool = *state };
}

static struct wake_remote_entry make(const char *run_id, enum wake_remote_phase phase)
{
	struct wake_remote_entry entry = { .phase = phase };

	wake_remote_entry_id(URL, run_id, entry.id);
	entry.json = json_pack("{ssss}", "url", URL, "run_id", run_id);
	assert_non_null(entry.json);
	return entry;
}

static void put(const struct wake_paths *paths, const char *run_id, enum wake_remote_phase phase)
{
	auto_entry entry = make(run_id, phase);

	assert_int_equal(wake_remote_entry_write(paths, &entry, &err), WAKE_OK);
}

/* What stands in the file, whoever wrote it. */
static int read_text(void *const *state, const char *text)
{
	const struct wake_paths paths = paths_of(state);
	auto_entry entry = make("r", WAKE_REMOTE_TRACKED), read = { 0 };
	wake_auto_free char *name = NULL;
	wake_auto_free char *path = NULL;
	int ret;

	put(&paths, "r", WAKE_REMOTE_TRACKED);
	assert_true(asprintf(&name, "remote/%s.json", entry.id) > 0);
	path = scratch_path(state, name);
	scratch_write(path, text);
	ret = wake_remote_entry_read(&paths, entry.id, &read, &err);
	assert_true((ret == WAKE_OK) == (read.json != NULL));
	return ret;
}

static void comes_back_as_it_was(void **state)
{
	const struct wake_paths paths = paths_of(state);

	for (int phase = WAKE_REMOTE_ASKING; phase <= WAKE_REMOTE_GIVEN_UP; phase++) {
		auto_entry entry = make("run-1", (enum wake_remote_phase)phase), read = { 0 };

		assert_int_equal(wake_remote_entry_set_time(&entry, "started_at", AT, &err), WAKE_OK);
		assert_int_equal(
		    wake_json_set_string(entry.json, "task", "say \"\x1b[31m\"\n", &err), WAKE_OK);
		assert_int_equal(wake_remote_entry_write(&paths, &entry, &err), WAKE_OK);
		assert_int_equal(wake_remote_entry_read(&paths, entry.id, &read, &err), WAKE_OK);
		assert_string_equal(read.id, entry.id);
		assert_int_equal(read.phase, phase);
		assert_string_equal(wake_remote_entry_text(&read, "task"), "say \"\x1b[31m\"\n");
		assert_null(wake_remote_entry_text(&read, "branch"));
		assert_true(wake_remote_entry_time(&read, "started_at") == AT);
		assert_true(wake_remote_entry_time(&read, "task") == 0);
		assert_true(wake_remote_entry_time(&read, "end_at") == 0);
	}
}

static void files_are_for_us_alone(void **state)
{
	const struct wake_paths paths = paths_of(state);
	auto_entry entry = make("run-1", WAKE_REMOTE_TRACKED);
	wake_auto_free char *name = NULL;
	wake_auto_free char *path = NULL;
	wake_auto_free char *dir = scratch_path(state, "remote");
	struct stat st;

	put(&paths, "run-1", WAKE_REMOTE_TRACKED);
	assert_true(asprintf(&name, "remote/%s.json", entry.id) > 0);
	path = scratch_path(state, name);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void the_id_is_of_service_and_run(void **state)
{
	char one[WAKE_ID_SIZE], other[WAKE_ID_SIZE];

	(void)state;
	wake_remote_entry_id(URL, "r", one);
	wake_remote_entry_id(URL, "r", other);
	assert_true(wake_id_is_uuid(one));
	assert_string_equal(one, other);
	wake_remote_entry_id(URL "y", "r", other);
	assert_string_not_equal(one, other);
	wake_remote_entry_id(URL, "../../r", other);
	assert_true(wake_id_is_uuid(other));
}

static void no_other_id_is_a_path(void **state)
{
	static const char *const ids[] = { "", "..", "../config", "8064f932-5a29-5f49-b31f-d2adeb63d89/",
		"8064f932-5a29-5f49-b31f-d2adeb63d897/../x" };
	const struct wake_paths paths = paths_of(state);

	for (size_t i = 0; i < WAKE_COUNT(ids); i++) {
		auto_entry read = { 0 };

		assert_int_not_equal(wake_remote_entry_read(&paths, ids[i], &read, &err), WAKE_OK);
		assert_null(read.json);
		assert_int_equal(wake_remote_entry_remove(&paths, ids[i], &err), WAKE_INVALID);
	}
}

static void what_is_none_of_ours_is_told(void **state)
{
	static const char *const texts[] = { "", "{", "[]", "null", "{\"version\":1}",
		"{\"version\":1,\"url\":\"u\"}", "{\"version\":1,\"url\":\"u\",\"phase\":\"other\"}",
		"{\"version\":2,\"url\":\"u\",\"phase\":\"asking\"}", "{\"version\":1,\"phase\":\"asking\"}",
		"{\"version\":1,\"url\":7,\"phase\":\"asking\"}",
		"{\"version\":1,\"url\":\"u\",\"phase\":\"tracked\"}",
		"{\"version\":1,\"url\":\"u\",\"phase\":\"answered\"}",
		"{\"version\":1,\"url\":\"u\",\"phase\":\"tracked\",\"run_id\":\"../x\"}" };

	for (size_t i = 0; i < WAKE_COUNT(texts); i++) {
		if (read_text(state, texts[i]) != WAKE_CORRUPT)
			fail_msg("taken: %s", texts[i]);
	}
	assert_int_equal(read_text(state, "{\"version\":1,\"url\":\"u\",\"phase\":\"asking\"}"), WAKE_OK);
	assert_int_equal(read_text(state, "{\"version\":1,\"url\":\"u\",\"phase\":\"given-up\"}"), WAKE_OK);
}

static void all_are_listed(void **state)
{
	const struct wake_paths paths = paths_of(state);
	wake_auto_remote_entries struct wake_remote_entries none = { 0 }, all = { 0 };
	wake_auto_free char *stray = scratch_path(state, "remote/lock");
	wake_auto_free char *other = scratch_path(state, "remote/8064f932-5a29-5f49-b31f-d2adeb63d897.json");

	assert_int_equal(wake_remote_entries_list(&paths, &none, &err), WAKE_OK);
	assert_int_equal(none.count + none.skipped, 0);
	put(&paths, "a", WAKE_REMOTE_TRACKED);
	put(&paths, "b", WAKE_REMOTE_GIVEN_UP);
	scratch_write(stray, "");
	scratch_write(other, "{");
	assert_int_equal(wake_remote_entries_list(&paths, &all, &err), WAKE_OK);
	assert_int_equal(all.count, 2);
	assert_int_equal(all.skipped, 1);
	assert_true(strcmp(all.items[0].id, all.items[1].id) < 0);
}

static void those_given_up_wait_for_nobody(void **state)
{
	const struct wake_paths paths = paths_of(state);
	auto_entry entry = make("a", WAKE_REMOTE_TRACKED);

	assert_false(wake_remote_entries_wait(&paths));
	put(&paths, "b", WAKE_REMOTE_GIVEN_UP);
	assert_false(wake_remote_entries_wait(&paths));
	put(&paths, "a", WAKE_REMOTE_TRACKED);
	assert_true(wake_remote_entries_wait(&paths));
	assert_int_equal(wake_remote_entry_remove(&paths, entry.id, &err), WAKE_OK);
	assert_int_equal(wake_remote_entry_remove(&paths, entry.id, &err), WAKE_OK);
	assert_false(wake_remote_entries_wait(&paths));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(comes_back_as_it_was),
		scratch_test(files_are_for_us_alone),
		cmocka_unit_test(the_id_is_of_service_and_run),
		scratch_test(no_other_id_is_a_path),
		scratch_test(what_is_none_of_ours_is_told),
		scratch_test(all_are_listed),
		scratch_test(those_given_up_wait_for_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
