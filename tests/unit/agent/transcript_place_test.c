/* SPDX-License-Identifier: MIT */
/* Sessions are found wherever they began, by names that can harm nobody. */
#include "agent/transcript_place.h"

#include <errno.h>
#include <fcntl.h>

#include "../base/scratch.h"

static struct wake_error err;

static void names_are_plain(void **state)
{
	char longest[300];

	(void)state;
	assert_true(wake_transcript_is_session("0b0e9c1e-5ad7-4e59-9d5b-000000000001"));
	assert_true(wake_transcript_is_session("a_B-9"));
	assert_false(wake_transcript_is_session(""));
	assert_false(wake_transcript_is_session("../other"));
	assert_false(wake_transcript_is_session("a b"));
	assert_false(wake_transcript_is_session("a\x1b[1m"));
	memset(longest, 'a', sizeof(longest));
	longest[255] = '\0';
	assert_true(wake_transcript_is_session(longest));
	longest[255] = 'a';
	longest[256] = '\0';
	assert_false(wake_transcript_is_session(longest));
}

static void write_at(void **state, const char *directory, const char *file, time_t written)
{
	wake_auto_free char *dir = scratch_path(state, directory);
	wake_auto_free char *path = scratch_path(state, file);
	const struct timespec times[2] = { { .tv_sec = written }, { .tv_sec = written } };

	assert_true(mkdir(dir, 0700) == 0 || errno == EEXIST);
	scratch_write(path, "{}\n");
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void the_one_written_last_is_found(void **state)
{
	wake_auto_free char *projects = scratch_path(state, "projects");
	wake_auto_free char *expected = scratch_path(state, "projects/-b/s.jsonl");
	wake_auto_free char *found = NULL, *none = NULL;

	assert_int_equal(wake_transcript_locate(projects, "s", &none, &err), WAKE_NOTFOUND);
	assert_int_equal(mkdir(projects, 0700), 0);
	write_at(state, "projects/-a", "projects/-a/s.jsonl", 1000);
	write_at(state, "projects/-b", "projects/-b/s.jsonl", 3000);
	write_at(state, "projects/-c", "projects/-c/s.jsonl", 2000);
	assert_int_equal(wake_transcript_locate(projects, "s", &found, &err), WAKE_OK);
	assert_string_equal(found, expected);
	assert_int_equal(wake_transcript_locate(projects, "t", &none, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_transcript_locate(projects, "../-a/s", &none, &err), WAKE_NOTFOUND);
	assert_null(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_plain),
		cmocka_unit_test_setup_teardown(the_one_written_last_is_found, scratch_make, scratch_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
