/* SPDX-License-Identifier: MIT */
/* Going to the background. */
#include "watcher/detach.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/scope.h"

#define PATIENCE (5 * WAKE_SECOND)

/* Everything but the report, which becomes 3: whoever waits for the end of a pipe that we inherited would
 * wait for us. */
static int let_go(int *report, struct wake_error *err)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (chdir("/") < 0 || null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    dup2(null, STDERR_FILENO) < 0)
		return wake_fail_errno(err, "let go of the terminal");
	if (*report != STDERR_FILENO + 1) {
		if (dup3(*report, STDERR_FILENO + 1, O_CLOEXEC) < 0)
			return wake_fail_errno(err, "let go of what was open");
		*report = STDERR_FILENO + 1;
	}
	if (close_range(STDERR_FILENO + 2, ~0U, 0) < 0) {
		for (int fd = STDERR_FILENO + 2; fd < (int)sysconf(_SC_OPEN_MAX) && fd < 65536; fd++)
			(void)close(fd);
	}
	return WAKE_OK;
}

/* The answer is a whole error record, or its code alone for success; the pipe holds either at once. */
static int await_report(int fd, struct wake_error *err)
{
	struct wake_error answer;
	struct pollfd polled = { .fd = fd, .events = POLLIN };
	int64_t deadline = wake_clock_monotonic() + PATIENCE;
	ssize_t got;

	for (;;) {
		int64_t left = deadline - wake_clock_monotonic();
		int ready = left > 0 ? poll(&polled, 1, (int)(left / 1000) + 1) : 0;

		if (ready > 0)
			break;
		if (ready == 0)
			return wake_fail(
			    err, WAKE_UNAVAILABLE, "the watcher does not say whether it has started");
		if (errno != EINTR)
			return wake_fail_errno(err, "wait for the watcher");
	}
	got = read(fd, &answer, sizeof(answer));
	if (got != sizeof(answer))
		return wake_fail(err, WAKE_UNAVAILABLE, "the watcher has died at its start");
	if (answer.code == WAKE_OK || answer.code == WAKE_BUSY)
		return WAKE_OK;
	answer.text[sizeof(answer.text) - 1] = '\0';
	*err = answer;
	return err->code;
}

void wake_detach_report(int report, const struct wake_error *failure)
{
	const struct wake_error fine = { .code = WAKE_OK };

	(void)!write(report, failure ? failure : &fine, sizeof(fine));
	(void)close(report);
}

/* The child in the middle makes the session and ends, so that the watcher belongs to nobody. */
static int fork_away(pid_t *ret_middle, struct wake_error *err)
{
	*ret_middle = fork();
	if (*ret_middle < 0)
		return wake_fail_errno(err, "start the watcher");
	if (*ret_middle > 0)
		return WAKE_OK;
	if (setsid() < 0)
		_exit(1);
	switch (fork()) {
	case 0:
		return WAKE_OK;
	case -1:
		_exit(1);
	default:
		_exit(0);
	}
}

int wake_detach(enum wake_detached *ret_who, int *ret_report, struct wake_error *err)
{
	wake_auto_close int reading = -1;
	wake_auto_close int writing = -1;
	pid_t middle;
	int pipes[2], ret;

	if (pipe2(pipes, O_CLOEXEC) < 0)
		return wake_fail_errno(err, "make a pipe");
	reading = pipes[0];
	writing = pipes[1];
	ret = fork_away(&middle, err);
	if (ret < 0)
		return ret;
	if (middle == 0) {
		int report = writing;

		ret = let_go(&report, err); /* closes both ends, but for a copy */
		reading = -1;
		writing = -1;
		if (ret < 0) {
			wake_detach_report(report, err);
			_exit(1);
		}
		*ret_who = WAKE_DETACH_NEW;
		*ret_report = report;
		return WAKE_OK;
	}
	(void)close(writing);
	writing = -1;
	while (waitpid(middle, NULL, 0) < 0 && errno == EINTR)
		continue;
	*ret_who = WAKE_DETACH_CALLER;
	return await_report(reading, err);
}
