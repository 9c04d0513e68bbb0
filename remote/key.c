/* SPDX-License-Identifier: MIT */
/* Reading a key without leaving it anywhere. */
#include "remote/key.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/scope.h"

static int check_file(int fd, const char *path, struct wake_error *err)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return wake_fail_errno(err, "look at '%s'", path);
	if (!S_ISREG(status.st_mode))
		return wake_fail(err, WAKE_INVALID, "the key's file '%s' is no regular file", path);
	if (status.st_mode & 077)
		return wake_fail(
		    err, WAKE_INVALID, "others may read the key's file '%s': chmod 600 it", path);
	if (status.st_uid != geteuid() && status.st_uid != 0)
		return wake_fail(err, WAKE_INVALID, "the key's file '%s' belongs to somebody else", path);
	return WAKE_OK;
}

/* One line; what follows its end may be white space alone. */
static int check_key(char *key, size_t len, const char *path, struct wake_error *err)
{
	while (len > 0 && strchr(" \t\r\n", key[len - 1]))
		len--;
	key[len] = '\0';
	for (size_t i = 0; i < len; i++) {
		if (key[i] <= ' ' || key[i] > '~')
			return wake_fail(
			    err, WAKE_INVALID, "the key's file '%s' holds more than one word of ASCII", path);
	}
	return len > 0 ? WAKE_OK : wake_fail(err, WAKE_INVALID, "the key's file '%s' is empty", path);
}

int wake_key_read(const char *path, char ret_key[WAKE_KEY_MAX + 1], struct wake_error *err)
{
	wake_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t got;
	int ret;

	if (fd < 0)
		return wake_fail_errno(err, "open the key's file '%s'", path);
	ret = check_file(fd, path, err);
	if (ret < 0)
		return ret;
	do
		got = read(fd, ret_key, WAKE_KEY_MAX + 1);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return wake_fail_errno(err, "read the key's file '%s'", path);
	if (got > WAKE_KEY_MAX)
		return wake_fail(
		    err, WAKE_INVALID, "the key's file '%s' holds more than %d bytes", path, WAKE_KEY_MAX);
	return check_key(ret_key, (size_t)got, path, err);
}
