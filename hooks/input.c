/* SPDX-License-Identifier: MIT */
/* A hook's standard input, read and given again. */
#include "hooks/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"

#define FIRST_ROOM 8192 /* bytes: a hundred lines of either hook */
#define PUMP_ROOM 65536 /* bytes a read(2), as much as a pipe holds */

static int grow(struct wake_hook_input *input, struct wake_error *err)
{
	size_t room = input->room ? input->room * 2 : FIRST_ROOM;
	char *data;

	if (input->room > input->len)
		return WAKE_OK;
	data = realloc(input->data, room);
	if (!data)
		return wake_fail_nomem(err);
	input->data = data;
	input->room = room;
	return WAKE_OK;
}

static ssize_t read_some(int fd, void *data, size_t room)
{
	ssize_t got;

	do {
		got = read(fd, data, room);
	} while (got < 0 && errno == EINTR);
	return got;
}

int wake_hook_input_read(struct wake_hook_input *input, size_t max, struct wake_error *err)
{
	while (input->len < max) {
		ssize_t got;
		int ret = grow(input, err);

		if (ret < 0)
			return ret;
		got = read_some(STDIN_FILENO, input->data + input->len, input->room - input->len);
		if (got < 0)
			return wake_fail_errno(err, "read what is said to the hook");
		if (got == 0) {
			input->whole = true;
			return WAKE_OK;
		}
		input->taken = true;
		input->len += (size_t)got;
	}
	return wake_fail(err, WAKE_INVALID, "more than %zu bytes were said to the hook: not recorded", max);
}

void wake_hook_input_drain(void)
{
	char data[PUMP_ROOM];

	while (read_some(STDIN_FILENO, data, sizeof(data)) > 0)
		;
}

/* In a child of its own, so that the process that git waits for becomes the next hook itself. */
static _Noreturn void pump(const struct wake_hook_input *input, int to)
{
	struct wake_error err = { 0 };
	char data[PUMP_ROOM];
	ssize_t got = 1;

	if (wake_fs_write_all(to, input->data, input->len, &err) < 0)
		_exit(0);
	while (!input->whole && (got = read_some(STDIN_FILENO, data, sizeof(data))) > 0) {
		if (wake_fs_write_all(to, data, (size_t)got, &err) < 0)
			break;
	}
	_exit(0);
}

static int feed(const struct wake_hook_input *input, int from, int to, struct wake_error *err)
{
	int holds = fcntl(to, F_GETPIPE_SZ);
	pid_t pid;

	if (input->whole && holds > 0 && input->len <= (size_t)holds)
		return wake_fs_write_all(to, input->data, input->len, err);
	pid = fork();
	if (pid < 0)
		return wake_fail_errno(err, "start a process");
	if (pid == 0) {
		(void)close(from);
		pump(input, to);
	}
	return WAKE_OK;
}

int wake_hook_input_replay(const struct wake_hook_input *input, struct wake_error *err)
{
	int ends[2];
	int ret;

	if (!input->taken)
		return WAKE_OK;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return wake_fail_errno(err, "make a pipe");
	ret = feed(input, ends[0], ends[1], err);
	(void)close(ends[1]);
	if (ret == WAKE_OK && dup2(ends[0], STDIN_FILENO) < 0)
		ret = wake_fail_errno(err, "give a hook its input");
	(void)close(ends[0]);
	return ret;
}

bool wake_hook_input_line(
    const struct wake_hook_input *input, size_t *at, const char **ret_line, size_t *ret_len)
{
	size_t left = input->len - *at;
	const char *line, *end;

	if (left == 0)
		return false;
	line = input->data + *at;
	end = memchr(line, '\n', left);
	*ret_line = line;
	*ret_len = end ? (size_t)(end - line) : left;
	*at += *ret_len + (end ? 1 : 0);
	return true;
}

void wake_hook_input_release(struct wake_hook_input *input)
{
	free(input->data);
	*input = (struct wake_hook_input){ 0 };
}
