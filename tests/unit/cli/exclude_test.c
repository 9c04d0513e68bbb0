/* SPDX-License-Identifier: MIT */
/* cli/exclude: one line, once, and nothing else touched. */
#include "cli/exclude.h"

#include "../base/scratch.h"
#include "base/fs.h"

static struct wake_error err;

static char *exclude_of(void **state)
{
	return scratch_path(state, "info/exclude");
}

static void put(void **state, const char *text)
{
	wake_auto_free char *info = scratch_path(state, "info");
	wake_auto_free char *path = exclude_of(state);

	(void)mkdir(info, 0755);
	scratch_write(path, text);
}

static void assert_holds(void **state, const char *expected)
{
	wake_auto_free char *path = exclude_of(state);
	wake_auto_free char *text = NULL;
	size_t len;

	assert_int_equal(wake_fs_read(path, 65536, WAKE_FS_PLAIN, &text, &len, &err), WAKE_OK);
	assert_string_equal(text, expected);
}

static void adds_and_removes_exactly_its_line(void **state)
{
	static const struct {
		const char *before, *added, *removed;
	} cases[] = {
		{ "", "/.runwake*\n", "" },
		{ "*.o\n", "*.o\n/.runwake*\n", "*.o\n" },
		{ "*.o", "*.o\n/.runwake*\n", "*.o\n" },
		{ "# /.runwake*\n\n", "# /.runwake*\n\n/.runwake*\n", "# /.runwake*\n\n" },
		{ "/.runwake*\nx", "/.runwake*\nx", "x" },
		{ "a\r\n/.runwake*\r\nb\r\n", "a\r\n/.runwake*\r\nb\r\n", "a\r\nb\r\n" },
		{ "/.runwake*", "/.runwake*", "" },
		{ "/.runwake*x\n", "/.runwake*x\n/.runwake*\n", "/.runwake*x\n" },
	};

	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		put(state, cases[i].before);
		assert_int_equal(wake_exclude_add(*state, &err), WAKE_OK);
		assert_holds(state, cases[i].added);
		assert_int_equal(wake_exclude_add(*state, &err), WAKE_OK);
		assert_holds(state, cases[i].added);
		assert_int_equal(wake_exclude_remove(*state, &err), WAKE_OK);
		assert_holds(state, cases[i].removed);
	}
}

static void makes_what_is_missing(void **state)
{
	assert_int_equal(wake_exclude_remove(*state, &err), WAKE_OK);
	assert_int_equal(wake_exclude_add(*state, &err), WAKE_OK);
	assert_holds(state, "/.runwake*\n");
}

static void keeps_mode_and_symbolic_link(void **state)
{
	wake_auto_free char *path = exclude_of(state);
	wake_auto_free char *elsewhere = scratch_path(state, "elsewhere");
	struct stat st;

	put(state, "");
	assert_int_equal(unlink(path), 0);
	scratch_write(elsewhere, "*.o\n");
	assert_int_equal(chmod(elsewhere, 0664), 0);
	assert_int_equal(symlink("../elsewhere", path), 0);
	assert_int_equal(wake_exclude_add(*state, &err), WAKE_OK);
	assert_holds(state, "*.o\n/.runwake*\n");
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat(elsewhere, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0664);
}

static void a_directory_in_its_place_is_told(void **state)
{
	wake_auto_free char *path = exclude_of(state);

	put(state, "");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_true(wake_exclude_add(*state, &err) < 0);
	assert_non_null(strstr(err.text, "exclude"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(adds_and_removes_exactly_its_line),
		scratch_test(makes_what_is_missing),
		scratch_test(keeps_mode_and_symbolic_link),
		scratch_test(a_directory_in_its_place_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
