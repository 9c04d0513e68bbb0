/* SPDX-License-Identifier: MIT */
/* Messages wait in order, what is no message is passed over, and who comes too late is told so. */
#include "event/inbox.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/scratch.h"
#include "base/fs.h"
#include "event/active.h"

#define RUN "r1"
#define FIRST "01a2202b-0000-7000-8000-000000000001"
#define SECOND "01a2202b-0000-7000-8000-000000000002"

static struct wake_error err;

static struct wake_paths paths_of(void **state)
{
	return (struct wake_paths){ .state = scratch_path(state, "state") };
}

static void put(const struct wake_paths *paths, int64_t at, const char *message, const char *text)
{
	int turn = -1;

	assert_int_equal(wake_inbox_enter(paths, RUN, &turn, &err), WAKE_OK);
	assert_int_equal(wake_inbox_put(paths, RUN, at, message, text, &err), WAKE_OK);
	(void)close(turn);
}

static bool is_first(void *context, const char *name)
{
	(void)context;
	return strstr(name, FIRST) != NULL;
}

static bool is_none(void *context, const char *name)
{
	(void)context;
	(void)name;
	return false;
}

static void expect_next(
    const struct wake_inbox *inbox, bool (*is_taken)(void *, const char *), const char *text)
{
	wake_auto_inbox_item struct wake_inbox_item item = { 0 };
	int ret = wake_inbox_next(inbox, is_taken, NULL, &item, &err);

	assert_int_equal(ret, text ? WAKE_OK : WAKE_NOTFOUND);
	if (text)
		assert_string_equal(item.text, text);
}

static void they_wait_in_order(void **state)
{
	struct wake_paths paths = paths_of(state);
	struct wake_inbox inbox;
	struct pollfd fd;
	int turn;

	assert_int_equal(wake_inbox_enter(&paths, RUN, &turn, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_inbox_open(&paths, RUN, &inbox, &err), WAKE_OK);
	fd = (struct pollfd){ .fd = inbox.watch, .events = POLLIN };
	assert_int_equal(poll(&fd, 1, 0), 0);
	expect_next(&inbox, is_none, NULL);
	put(&paths, 1796000000000002, SECOND, "second");
	put(&paths, 1796000000000001, FIRST, "first\n\x01");
	assert_int_equal(poll(&fd, 1, 0), 1);
	wake_inbox_rest(&inbox);
	assert_int_equal(poll(&fd, 1, 0), 0);
	expect_next(&inbox, is_none, "first\n\x01");
	expect_next(&inbox, is_first, "second");
	assert_true(wake_inbox_remove(&inbox, "1796000000000001-" FIRST));
	expect_next(&inbox, is_none, "second");
	wake_inbox_close(&inbox);
	assert_int_equal(wake_inbox_enter(&paths, RUN, &turn, &err), WAKE_NOTFOUND);
	free(paths.state);
}

static void write_file(const char *dir, const char *name, const char *text)
{
	wake_auto_free char *path = NULL;

	assert_int_equal(wake_fs_join(dir, name, &path, &err), WAKE_OK);
	assert_int_equal(wake_fs_replace(path, text, strlen(text), 0600, WAKE_FS_PLAIN, &err), WAKE_OK);
}

static void what_is_no_message_is_passed_over(void **state)
{
	struct wake_paths paths = paths_of(state);
	wake_auto_free char *link = NULL;
	struct wake_inbox inbox;

	assert_int_equal(wake_inbox_open(&paths, RUN, &inbox, &err), WAKE_OK);
	write_file(
	    inbox.dir, "1796000000000000-" FIRST, "{\"message\":\"" SECOND "\",\"text\":\"of another\"}");
	write_file(inbox.dir, "1796000000000001-" FIRST, "no JSON");
	write_file(inbox.dir, "1796000000000002-" FIRST, "{\"message\":\"" FIRST "\"}");
	write_file(inbox.dir, ".runwake-0123456789abcdef", "{}");
	write_file(inbox.dir, "stray", "{}");
	assert_int_equal(wake_fs_join(inbox.dir, "1796000000000003-" FIRST, &link, &err), WAKE_OK);
	assert_int_equal(symlink("/etc/passwd", link), 0);
	expect_next(&inbox, is_none, NULL);
	put(&paths, 1796000000000009, SECOND, "a message");
	expect_next(&inbox, is_none, "a message");
	wake_inbox_close(&inbox);
	free(paths.state);
}

/* What a killed wrapper left behind takes nothing, and goes with the run's entry. */
static void a_killed_one_takes_nothing(void **state)
{
	struct wake_paths paths = paths_of(state);
	const struct wake_active active = { .run_id = RUN, .workspace_id = "w" };
	wake_auto_free char *dir = NULL;
	struct wake_inbox inbox;
	int turn, status;
	pid_t pid;

	assert_int_equal(wake_active_add(&paths, &active, &err), WAKE_OK);
	pid = fork();
	if (pid == 0) {
		_exit(wake_inbox_open(&paths, RUN, &inbox, &err) == WAKE_OK ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(wake_str_format(&dir, &err, "%s/runs/%s", paths.state, RUN), WAKE_OK);
	assert_int_equal(wake_inbox_enter(&paths, RUN, &turn, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_active_remove(&paths, RUN, &err), WAKE_OK);
	assert_false(wake_fs_is_dir(dir));
	free(paths.state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(they_wait_in_order),
		scratch_test(what_is_no_message_is_passed_over),
		scratch_test(a_killed_one_takes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
