/* SPDX-License-Identifier: MIT */
/* base/fs, the writing half: all or nothing, exact modes, nothing left beside. */
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <signal.h>
#include <sys/wait.h>

#include "scratch.h"

static void assert_content(const char *path, const char *expected)
{
	wake_auto_free char *data = NULL;
	struct wake_error err;
	size_t len = 0;

	assert_int_equal(wake_fs_read(path, 1 << 20, WAKE_FS_PLAIN, &data, &len, &err), WAKE_OK);
	assert_int_equal(len, strlen(expected));
	assert_string_equal(data, expected);
}

static void assert_alone(void *const *state, size_t count)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	struct wake_error err;

	assert_int_equal(wake_fs_list(*state, 1000, &names, &err), WAKE_OK);
	assert_int_equal(names.count, count);
}

static void replaces(void **state)
{
	wake_auto_free char *path = scratch_path(state, "f");
	struct wake_error err;

	assert_int_equal(wake_fs_replace(path, "one", 3, 0644, WAKE_FS_PLAIN, &err), WAKE_OK);
	assert_content(path, "one");
	assert_int_equal(wake_fs_replace(path, "two!", 4, 0644, WAKE_FS_SYNC, &err), WAKE_OK);
	assert_content(path, "two!");
	assert_int_equal(wake_fs_replace(path, NULL, 0, 0644, WAKE_FS_SYNC, &err), WAKE_OK);
	assert_content(path, "");
	assert_alone(state, 1);
}

static void the_mode_is_exact(void **state)
{
	static const mode_t modes[] = { 0600, 0644, 0666, 0755, 0444, 02664 };
	static const mode_t umasks[] = { 0, 022, 077, 0777 };
	wake_auto_free char *path = scratch_path(state, "f");
	struct wake_error err;
	struct stat st;

	for (size_t i = 0; i < WAKE_COUNT(modes) * WAKE_COUNT(umasks); i++) {
		mode_t mode = modes[i / WAKE_COUNT(umasks)];
		mode_t before = umask(umasks[i % WAKE_COUNT(umasks)]);
		int ret = wake_fs_replace(path, "x", 1, mode, WAKE_FS_PLAIN, &err);

		(void)umask(before);
		assert_int_equal(ret, WAKE_OK);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, mode);
	}
}

static void a_bare_name_is_here(void **state)
{
	wake_auto_close int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct wake_error err;
	int ret;

	assert_true(here >= 0);
	assert_int_equal(chdir(*state), 0);
	ret = wake_fs_replace("bare", "x", 1, 0600, WAKE_FS_SYNC, &err);
	assert_int_equal(fchdir(here), 0);
	assert_int_equal(ret, WAKE_OK);
	assert_alone(state, 1);
}

static void links_are_replaced_or_refused(void **state)
{
	wake_auto_free char *file = scratch_path(state, "f");
	wake_auto_free char *link_path = scratch_path(state, "l");
	struct wake_error err;

	scratch_write(file, "old");
	assert_int_equal(symlink("f", link_path), 0);
	assert_int_equal(wake_fs_replace(link_path, "new", 3, 0600, WAKE_FS_NOFOLLOW, &err), WAKE_INVALID);
	assert_non_null(strstr(err.text, link_path));
	assert_alone(state, 2);
	assert_int_equal(wake_fs_replace(link_path, "new", 3, 0600, WAKE_FS_PLAIN, &err), WAKE_OK);
	assert_content(file, "old");
	assert_content(link_path, "new");
	assert_int_equal(
	    wake_fs_replace(file, "new", 3, 0600, WAKE_FS_NOFOLLOW | WAKE_FS_OWN, &err), WAKE_OK);
}

static void failures_leave_nothing(void **state)
{
	wake_auto_free char *dir = scratch_path(state, "d");
	wake_auto_free char *slash = scratch_path(state, "x/");
	wake_auto_free char *dots = scratch_path(state, "..");
	wake_auto_free char *nowhere = scratch_path(state, "no/x");
	struct wake_error err;

	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(wake_fs_replace(dir, "x", 1, 0600, WAKE_FS_SYNC, &err), WAKE_SYSTEM);
	assert_int_equal(err.sys, EISDIR);
	assert_int_equal(wake_fs_replace(slash, "x", 1, 0600, WAKE_FS_PLAIN, &err), WAKE_INVALID);
	assert_int_equal(wake_fs_replace(dots, "x", 1, 0600, WAKE_FS_PLAIN, &err), WAKE_INVALID);
	assert_int_equal(wake_fs_replace("", "x", 1, 0600, WAKE_FS_PLAIN, &err), WAKE_INVALID);
	assert_int_equal(wake_fs_replace(nowhere, "x", 1, 0600, WAKE_FS_PLAIN, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_fs_create(nowhere, "x", 1, 0600, WAKE_FS_PLAIN, &err), WAKE_NOTFOUND);
	assert_alone(state, 1);
}

/* A file size limit is a full disk that a test can have. */
static void a_full_disk_keeps_the_old_content(void **state)
{
	wake_auto_free char *path = scratch_path(state, "f");
	struct rlimit before, tight;
	struct wake_error err;
	char large[8192];
	int ret;

	memset(large, 'x', sizeof(large));
	scratch_write(path, "old");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	tight = before;
	tight.rlim_cur = 4096;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	ret = wake_fs_replace(path, large, sizeof(large), 0600, WAKE_FS_SYNC, &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(ret, WAKE_SYSTEM);
	assert_int_equal(err.sys, EFBIG);
	assert_content(path, "old");
	assert_alone(state, 1);
}

static void creates_once(void **state)
{
	wake_auto_free char *path = scratch_path(state, "f");
	wake_auto_free char *dangling = scratch_path(state, "l");
	struct wake_error err;
	struct stat st;

	assert_int_equal(wake_fs_create(path, "one", 3, 0640, WAKE_FS_SYNC, &err), WAKE_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(st.st_nlink, 1);
	assert_int_equal(wake_fs_create(path, "two", 3, 0640, WAKE_FS_PLAIN, &err), WAKE_EXISTS);
	assert_content(path, "one");
	assert_int_equal(symlink("nowhere", dangling), 0);
	assert_int_equal(wake_fs_create(dangling, "x", 1, 0600, WAKE_FS_PLAIN, &err), WAKE_EXISTS);
	assert_alone(state, 2);
}

/* Makers that start together: one wins, the others are told, and the content is whole. */
static void one_maker_wins(void **state)
{
	enum { MAKERS = 8 };
	wake_auto_free char *path = scratch_path(state, "f");
	pid_t makers[MAKERS];
	int gate[2], won = 0;

	assert_int_equal(pipe(gate), 0);
	for (int i = 0; i < MAKERS; i++) {
		makers[i] = fork();
		assert_true(makers[i] >= 0);
		if (makers[i] == 0) {
			struct wake_error err;
			char c;

			(void)close(gate[1]);
			(void)!read(gate[0], &c, 1); /* returns at once for all when the gate closes */
			_exit(-wake_fs_create(path, "whole", 5, 0600, WAKE_FS_PLAIN, &err));
		}
	}
	(void)close(gate[0]);
	(void)close(gate[1]);
	for (int i = 0; i < MAKERS; i++) {
		int status;

		assert_int_equal(waitpid(makers[i], &status, 0), makers[i]);
		assert_true(WIFEXITED(status));
		assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == -WAKE_EXISTS);
		won += WEXITSTATUS(status) == 0;
	}
	assert_int_equal(won, 1);
	assert_content(path, "whole");
	assert_alone(state, 1);
}

/* A reader beside many replacements sees only whole contents. */
static void readers_see_whole_files(void **state)
{
	wake_auto_free char *path = scratch_path(state, "f");
	struct wake_error err;
	char text[2][10000];
	pid_t writer;
	int status;

	for (int i = 0; i < 2; i++) {
		memset(text[i], 'a' + i, sizeof(text[i]) - 1);
		text[i][sizeof(text[i]) - 1] = '\0';
	}
	scratch_write(path, text[0]);
	writer = fork();
	assert_true(writer >= 0);
	if (writer == 0) {
		int ret = WAKE_OK;

		for (int i = 0; i < 300 && ret == WAKE_OK; i++)
			ret = wake_fs_replace(
			    path, text[i % 2], sizeof(text[0]) - 1, 0600, WAKE_FS_PLAIN, &err);
		_exit(-ret);
	}
	while (waitpid(writer, &status, WNOHANG) == 0) {
		wake_auto_free char *data = NULL;
		size_t len = 0;

		assert_int_equal(wake_fs_read(path, 1 << 20, WAKE_FS_PLAIN, &data, &len, &err), WAKE_OK);
		assert_int_equal(len, sizeof(text[0]) - 1);
		assert_string_equal(data, text[data[0] - 'a']);
	}
	assert_int_equal(status, 0);
	assert_alone(state, 1);
}

static void writes_all_or_says_so(void **state)
{
	struct wake_error err;
	int ends[2];

	(void)state;
	assert_int_equal(wake_fs_write_all(-1, "", 0, &err), WAKE_OK);
	assert_int_equal(wake_fs_write_all(-1, "x", 1, &err), WAKE_SYSTEM);
	assert_int_equal(err.sys, EBADF);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(wake_fs_write_all(ends[1], "abc", 3, &err), WAKE_OK);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(replaces),
		scratch_test(the_mode_is_exact),
		scratch_test(a_bare_name_is_here),
		scratch_test(links_are_replaced_or_refused),
		scratch_test(failures_leave_nothing),
		scratch_test(a_full_disk_keeps_the_old_content),
		scratch_test(creates_once),
		scratch_test(one_maker_wins),
		scratch_test(readers_see_whole_files),
		cmocka_unit_test(writes_all_or_says_so),
	};

	return cmocka_run_group_tests_name("base/fs_replace", tests, NULL, NULL);
}
