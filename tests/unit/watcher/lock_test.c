/* SPDX-License-Identifier: MIT */
/* watcher/lock: one holder, which ends with its process, and which is asked before it is signalled. */
#include "watcher/lock.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "../base/scratch.h"
#include "base/clock.h"
#include "watcher/control.h"
#include "watcher/loop.h"

static void one_holds_it(void **state)
{
	wake_auto_free char *dir = scratch_path(state, "a/watcher"),
	                    *path = scratch_path(state, "a/watcher/lock");
	wake_auto_close int fd = -1;
	int second = -1;
	struct wake_error err;
	struct stat st;

	assert_int_equal(wake_lock_take(dir, &fd, &err), WAKE_OK);
	assert_true(wake_lock_is_ours(dir, fd));
	assert_int_equal(wake_lock_take(dir, &second, &err), WAKE_BUSY);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(wake_lock_sign(fd, &err), WAKE_OK);
	close(fd);
	fd = -1;
	assert_int_equal(wake_lock_take(dir, &fd, &err), WAKE_OK);
}

/* Removed with the directory, it is nobody's lock any more, and another may hold the new one. */
static void a_removed_one_is_no_longer_ours(void **state)
{
	wake_auto_free char *dir = scratch_path(state, "watcher"),
	                    *path = scratch_path(state, "watcher/lock");
	wake_auto_close int fd = -1;
	wake_auto_close int other = -1;
	struct wake_error err;

	assert_int_equal(wake_lock_take(dir, &fd, &err), WAKE_OK);
	assert_int_equal(unlink(path), 0);
	assert_false(wake_lock_is_ours(dir, fd));
	assert_int_equal(wake_lock_take(dir, &other, &err), WAKE_OK);
	assert_true(wake_lock_is_ours(dir, other));
	assert_false(wake_lock_is_ours(dir, fd));
}

static void a_link_in_its_place_is_refused(void **state)
{
	wake_auto_free char *target = scratch_path(state, "target"), *path = scratch_path(state, "lock");
	struct wake_error err;
	int fd = -1;

	scratch_write(target, "x");
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(wake_lock_take(*state, &fd, &err), WAKE_SYSTEM);
	assert_int_equal(fd, -1);
}

struct server {
	struct wake_loop *loop;
	bool listens;
};

static int no_status(void *context, json_t **ret_document, struct wake_error *err)
{
	(void)context;
	(void)ret_document;
	return wake_fail(err, WAKE_BUSY, "no status here");
}

static void stop(void *context)
{
	wake_loop_stop(((struct server *)context)->loop);
}

/* Another process that holds the lock, and listens or not; it says by the pipe that it stands. */
static pid_t start_holder(const char *dir, bool listens, void (*handler)(int))
{
	struct server server = { .listens = listens };
	struct wake_control_owner owner = { .status = no_status, .stop = stop, .context = &server };
	struct wake_control *control = NULL;
	struct wake_error err;
	int lock, pipes[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid > 0) {
		close(pipes[1]);
		assert_int_equal(read(pipes[0], &byte, 1), 1);
		close(pipes[0]);
		return pid;
	}
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nobody behind */
	(void)signal(SIGTERM, handler);
	if (wake_loop_new(&server.loop, &err) < 0 || wake_lock_take(dir, &lock, &err) < 0 ||
	    wake_lock_sign(lock, &err) < 0 ||
	    (listens && wake_control_new(server.loop, dir, &owner, &control, &err) < 0) ||
	    write(pipes[1], "x", 1) != 1)
		_exit(99);
	_exit(wake_loop_run(server.loop, &err) < 0 ? 98 : 42);
}

static int end_of(pid_t pid)
{
	int status = 0;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void taking_over_asks_the_holder_to_stop(void **state)
{
	wake_auto_close int fd = -1;
	pid_t pid = start_holder(*state, true, SIG_DFL);
	struct wake_error err;
	int64_t began = wake_clock_monotonic();

	assert_int_equal(wake_lock_take_over(*state, &fd, &err), WAKE_OK);
	assert_int_equal(end_of(pid), 42);                              /* by its own doing */
	assert_true(wake_clock_monotonic() - began < 20 * WAKE_SECOND); /* not by its patience's end */
	assert_true(wake_lock_is_ours(*state, fd));
}

static void taking_what_nobody_holds_over_is_taking_it(void **state)
{
	wake_auto_close int fd = -1;
	wake_auto_free char *path = scratch_path(state, "lock");
	struct wake_error err;

	scratch_write(path, "1 1\n"); /* left by one that was killed; its pid means nothing */
	assert_int_equal(wake_lock_take_over(*state, &fd, &err), WAKE_OK);
}

/* A file that a watcher has left names a process that began later: it must not be signalled. Nor one that
 * began then but does not hold the file. */
static void only_the_holder_itself_may_be_signalled(void **state)
{
	wake_auto_close int fd = -1;
	struct wake_error err;
	pid_t deaf = start_holder(*state, false, SIG_DFL), other = fork();

	if (other == 0) {
		pause();
		_exit(0);
	}
	assert_true(wake_lock_signal_holder(*state));
	assert_int_equal(end_of(deaf), 128 + SIGTERM);
	/* Held by us now, signed as if by the other one. */
	assert_int_equal(wake_lock_take(*state, &fd, &err), WAKE_OK);
	{
		wake_auto_free char *text = NULL;
		wake_auto_free char *path = scratch_path(state, "lock");

		assert_true(asprintf(&text, "%ld 1\n", (long)other) > 0);
		scratch_write(path, text);
		assert_false(wake_lock_signal_holder(*state)); /* another start */
		assert_int_equal(wake_lock_sign(fd, &err), WAKE_OK);
		assert_false(wake_lock_signal_holder(*state)); /* ourselves */
		scratch_write(path, "-1 1\n");
		assert_false(wake_lock_signal_holder(*state)); /* everybody */
		scratch_write(path, "");
		assert_false(wake_lock_signal_holder(*state));
	}
	assert_int_equal(waitpid(other, NULL, WNOHANG), 0);
	assert_int_equal(kill(other, SIGKILL), 0);
	assert_int_equal(end_of(other), 128 + SIGKILL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(one_holds_it),
		scratch_test(a_removed_one_is_no_longer_ours),
		scratch_test(a_link_in_its_place_is_refused),
		scratch_test(taking_over_asks_the_holder_to_stop),
		scratch_test(taking_what_nobody_holds_over_is_taking_it),
		scratch_test(only_the_holder_itself_may_be_signalled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
