/* SPDX-License-Identifier: MIT */
/* The client's side of the watcher's socket, and its address. */
#include "watcher/control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/clock.h"
#include "base/fs.h"

#define ANSWER_MAX ((size_t)4 << 20) /* bytes */

int wake_control_address(
    const char *dir, int *ret_dir, struct sockaddr_un *ret_address, struct wake_error *err)
{
	int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return wake_fail_errno(err, "open directory '%s'", dir);
	*ret_address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	(void)snprintf(ret_address->sun_path, sizeof(ret_address->sun_path), "/proc/self/fd/%d/socket", fd);
	*ret_dir = fd;
	return WAKE_OK;
}

static int fail_silent(struct wake_error *err)
{
	return wake_fail(err, WAKE_BUSY, "the watcher does not answer in time");
}

static int fail_turned_away(struct wake_error *err)
{
	return wake_fail(err, WAKE_BUSY, "the watcher is just ending, or has too many clients at once");
}

static int await(int fd, short events, int64_t deadline, struct wake_error *err)
{
	struct pollfd polled = { .fd = fd, .events = events };
	int64_t left = deadline - wake_clock_monotonic();
	int ready = left > 0 ? poll(&polled, 1, (int)(left / 1000) + 1) : 0;

	if (ready < 0 && errno != EINTR)
		return wake_fail_errno(err, "wait for the watcher");
	return ready == 0 ? fail_silent(err) : WAKE_OK;
}

static int connect_to(const char *dir, int *ret_fd, struct wake_error *err)
{
	wake_auto_close int directory = -1;
	wake_auto_close int fd = -1;
	struct sockaddr_un address;
	int ret = wake_control_address(dir, &directory, &address, err);

	if (ret < 0)
		return ret;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return wake_fail_errno(err, "make a socket");
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		if (errno == ECONNREFUSED || errno == ENOENT)
			return wake_fail(err, WAKE_NOTFOUND, "no watcher listens at '%s/socket'", dir);
		if (errno == EAGAIN) /* more clients wait than it takes in */
			return fail_silent(err);
		return wake_fail_errno(err, "connect to '%s/socket'", dir);
	}
	*ret_fd = fd;
	fd = -1; /* the caller's now */
	return WAKE_OK;
}

static int read_answer(int fd, int64_t deadline, struct wake_str *answer, struct wake_error *err)
{
	char bytes[16384];

	for (;;) {
		int ret = await(fd, POLLIN, deadline, err);
		ssize_t got;

		if (ret < 0)
			return ret;
		got = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (got == 0)
			return wake_str_check(answer, err);
		if (got > 0)
			wake_str_append_bytes(answer, bytes, (size_t)got);
		else if (errno == ECONNRESET)
			return fail_turned_away(err);
		else if (errno != EAGAIN && errno != EINTR)
			return wake_fail_errno(err, "read the watcher's answer");
	}
}

int wake_control_ask(
    const char *dir, const char *word, int64_t wait, char **ret_answer, struct wake_error *err)
{
	wake_auto_str struct wake_str answer = WAKE_STR(ANSWER_MAX);
	wake_auto_close int fd = -1;
	char line[WAKE_CONTROL_LINE];
	int64_t deadline = wake_clock_monotonic() + wait;
	int len = snprintf(line, sizeof(line), "%s\n", word);
	int ret = connect_to(dir, &fd, err);

	if (ret < 0)
		return ret;
	/* A line fits into any socket's buffer. */
	if (send(fd, line, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT) != len)
		return fail_turned_away(err);
	ret = read_answer(fd, deadline, &answer, err);
	if (ret == WAKE_OK && answer.len == 0)
		ret = fail_turned_away(err);
	return ret == WAKE_OK ? wake_str_steal(&answer, ret_answer, err) : ret;
}
