/* SPDX-License-Identifier: MIT */
/* event/spool_attend: one attends, the others know it, and it ends with its holder. */
#include "event/spool.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "../base/scratch.h"

static struct wake_error err;

static void one_attends_at_a_time(void **state)
{
	wake_auto_free char *spool = scratch_path(state, "state/spool");
	wake_auto_free char *file = scratch_path(state, "state/spool/attended");
	wake_auto_close int first = -1;
	int second = -1;
	struct stat st;

	assert_false(wake_spool_is_drained_now(spool)); /* no spool at all */
	assert_int_equal(wake_spool_attend(spool, &first, &err), WAKE_OK);
	assert_true(wake_spool_is_drained_now(spool));
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(wake_spool_attend(spool, &second, &err), WAKE_BUSY);
	assert_int_equal(second, -1);
	assert_non_null(strstr(err.text, "attended"));
	assert_int_equal(close(first), 0);
	first = -1;
	assert_false(wake_spool_is_drained_now(spool));
	assert_int_equal(wake_spool_attend(spool, &first, &err), WAKE_OK);
}

/* Readers and recorders drain meanwhile. */
static void attending_keeps_nobody_from_recording(void **state)
{
	wake_auto_free char *spool = scratch_path(state, "spool");
	wake_auto_close int attended = -1, lock = -1;

	assert_int_equal(wake_spool_attend(spool, &attended, &err), WAKE_OK);
	assert_int_equal(wake_spool_lock(spool, false, &lock, &err), WAKE_OK);
	assert_int_equal(close(attended), 0);
	attended = -1;
	assert_true(wake_spool_is_drained_now(spool)); /* by the recorder */
}

/* A kill -9 leaves nothing held. */
static void it_ends_with_its_process(void **state)
{
	wake_auto_free char *spool = scratch_path(state, "spool");
	int ready[2], fd = -1;
	char byte;
	pid_t child;

	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		bool held = wake_spool_attend(spool, &fd, &err) == WAKE_OK && write(ready[1], "x", 1) == 1;

		while (held)
			(void)pause();
		_exit(1);
	}
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	(void)close(ready[0]);
	assert_true(wake_spool_is_drained_now(spool));
	assert_int_equal(kill(child, SIGKILL), 0);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		continue;
	assert_false(wake_spool_is_drained_now(spool));
	assert_int_equal(wake_spool_attend(spool, &fd, &err), WAKE_OK);
	(void)close(fd);
}

static void a_link_in_its_place_is_not_followed(void **state)
{
	wake_auto_free char *spool = scratch_path(state, "spool");
	wake_auto_free char *file = scratch_path(state, "spool/attended");
	wake_auto_free char *other = scratch_path(state, "other");
	int fd = -1;

	assert_int_equal(wake_spool_attend(spool, &fd, &err), WAKE_OK);
	(void)close(fd);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(symlink(other, file), 0);
	assert_int_equal(wake_spool_attend(spool, &fd, &err), WAKE_SYSTEM);
	assert_int_equal(access(other, F_OK), -1);
	assert_false(wake_spool_is_drained_now(spool));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(one_attends_at_a_time),
		scratch_test(attending_keeps_nobody_from_recording),
		scratch_test(it_ends_with_its_process),
		scratch_test(a_link_in_its_place_is_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
