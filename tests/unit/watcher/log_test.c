/* SPDX-License-Identifier: MIT */
/* watcher/log: lines with their time, nothing that moves a terminal, and never more than two files' worth. */
#include "watcher/log.h"

#include <fcntl.h>

#include "../base/scratch.h"
#include "base/clock.h"
#include "base/fs.h"

static void log_release(struct wake_log **log)
{
	wake_log_free(*log);
}
#define auto_log WAKE_CLEANUP(log_release) struct wake_log *

static char *read_whole(const char *path, size_t *ret_len)
{
	struct wake_error err;
	char *text = NULL;

	assert_int_equal(wake_fs_read(path, 4 * WAKE_LOG_MAX, WAKE_FS_PLAIN, &text, ret_len, &err), WAKE_OK);
	return text;
}

static void writes_escaped_lines_with_their_time(void **state)
{
	wake_auto_free char *path = scratch_path(state, "log"), *text = NULL;
	struct wake_error err;
	struct stat st;
	auto_log log = NULL;
	char time[WAKE_TIME_SIZE] = { 0 };
	int64_t at;
	size_t len;

	assert_int_equal(wake_log_new(path, &log, &err), WAKE_OK);
	assert_false(wake_log_is_seen(log));
	assert_false(wake_log_is_terminal(log));
	wake_log_say(log, "one %d\nstill one\033[2J", 1);
	wake_log_show(log, "two");
	text = read_whole(path, &len);
	memcpy(time, text, WAKE_TIME_SIZE - 1);
	assert_int_equal(wake_time_parse(time, &at, &err), WAKE_OK);
	assert_true(wake_clock_now() - at < 60 * WAKE_SECOND);
	assert_null(strchr(text, '\033'));
	assert_non_null(strstr(text, " one 1"));
	assert_non_null(strstr(text, "still one"));
	assert_string_equal(strstr(text, " two"), " two\n");
	assert_true(strcspn(text, "\n") > WAKE_TIME_SIZE + 20); /* the first line is whole */
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void goes_on_where_it_was_and_keeps_one_predecessor(void **state)
{
	wake_auto_free char *path = scratch_path(state, "log"), *older = scratch_path(state, "log.1");
	wake_auto_free char *dir = scratch_path(state, "");
	wake_auto_names struct wake_fs_names names = { 0 };
	struct wake_error err;
	struct stat st;
	char filling[1000];

	memset(filling, 'x', sizeof(filling) - 1);
	filling[sizeof(filling) - 1] = '\0';
	for (int i = 0; i < 30; i++) { /* opened anew, as by one watcher after the other */
		auto_log log = NULL;

		assert_int_equal(wake_log_new(path, &log, &err), WAKE_OK);
		for (int k = 0; k < 100; k++)
			wake_log_say(log, "%d %d %s", i, k, filling);
	}
	assert_int_equal(wake_fs_list(dir, 10, &names, &err), WAKE_OK);
	assert_int_equal(names.count, 2);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size <= WAKE_LOG_MAX);
	assert_int_equal(stat(older, &st), 0);
	assert_true(st.st_size <= WAKE_LOG_MAX && st.st_size > WAKE_LOG_MAX - 2000);
	{
		size_t len;
		wake_auto_free char *text = read_whole(path, &len);

		assert_non_null(strstr(text, " 29 99 xxx")); /* the latest is in the newer one */
	}
}

static void refuses_a_link_and_a_directory(void **state)
{
	wake_auto_free char *target = scratch_path(state, "target"), *link = scratch_path(state, "log");
	wake_auto_free char *dir = scratch_path(state, "dir");
	struct wake_error err;
	struct wake_log *log = NULL;

	scratch_write(target, "");
	assert_int_equal(symlink(target, link), 0);
	assert_true(wake_log_new(link, &log, &err) < 0);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_true(wake_log_new(dir, &log, &err) < 0);
	assert_null(log);
	wake_log_say(NULL, "nobody hears it");
	wake_log_free(NULL);
}

/* Into a pipe a line that would give way on a terminal is a line like the others. */
static void says_who_speaks_on_stderr(void **state)
{
	struct wake_error err;
	auto_log log = NULL;
	char text[256] = "";
	int pipes[2], saved = dup(STDERR_FILENO);

	(void)state;
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	assert_int_equal(dup2(pipes[1], STDERR_FILENO), STDERR_FILENO);
	assert_int_equal(wake_log_new(NULL, &log, &err), WAKE_OK);
	wake_log_show(log, "so far %d", 1);
	wake_log_say(log, "done");
	assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
	close(saved);
	close(pipes[1]);
	assert_true(wake_log_is_seen(log));
	assert_false(wake_log_is_terminal(log));
	assert_true(read(pipes[0], text, sizeof(text) - 1) > 0);
	assert_string_equal(text, "runwake-watcher: so far 1\nrunwake-watcher: done\n");
	close(pipes[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(writes_escaped_lines_with_their_time),
		scratch_test(goes_on_where_it_was_and_keeps_one_predecessor),
		scratch_test(refuses_a_link_and_a_directory),
		cmocka_unit_test(says_who_speaks_on_stderr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
