/* SPDX-License-Identifier: MIT */
/* The spool's locks: an open file description's (fcntl(2), F_OFD_SETLK), so they end with their holder. */
#include "event/spool_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

bool wake_spool_is_held(const char *spool, const char *name)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	wake_auto_free char *path = NULL;
	wake_auto_close int fd = -1;
	struct wake_error ignored;

	if (wake_fs_join(spool, name, &path, &ignored) < 0)
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return fd >= 0 && fcntl(fd, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
}

static int open_lock(const char *spool, const char *path, int *ret_fd, struct wake_error *err)
{
	int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
	int fd = open(path, flags, 0600);

	if (fd < 0 && errno == ENOENT) {
		int ret = wake_spool_make_dirs(spool, err);

		if (ret < 0)
			return ret;
		fd = open(path, flags, 0600);
	}
	if (fd < 0)
		return wake_fail_errno(err, "open '%s'", path);
	wake_spool_give(fd, spool);
	*ret_fd = fd;
	return WAKE_OK;
}

static int take(int fd, const char *path, const char *who, bool wait, struct wake_error *err)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	while (fcntl(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &whole) < 0) {
		if (errno == EINTR)
			continue;
		if (errno == EAGAIN || errno == EACCES)
			return wake_fail(err, WAKE_BUSY, "%s holds '%s'", who, path);
		return wake_fail_errno(err, "lock '%s'", path);
	}
	return WAKE_OK;
}

int wake_spool_hold(
    const char *spool, const char *name, const char *who, bool wait, int *ret_fd, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	int ret = wake_fs_join(spool, name, &path, err);

	while (ret == WAKE_OK) {
		wake_auto_close int fd = -1;
		struct stat held, named;

		ret = open_lock(spool, path, &fd, err);
		if (ret == WAKE_OK)
			ret = take(fd, path, who, wait, err);
		if (ret < 0)
			return ret;
		/* Somebody may have removed the spool while we waited: two would each hold a lock of their
		 * own. */
		if (fstat(fd, &held) == 0 && lstat(path, &named) == 0 && held.st_ino == named.st_ino &&
		    held.st_dev == named.st_dev) {
			*ret_fd = fd;
			fd = -1; /* the caller's now */
			return WAKE_OK;
		}
	}
	return ret;
}

int wake_spool_lock(const char *spool, bool wait, int *ret_fd, struct wake_error *err)
{
	return wake_spool_hold(spool, WAKE_SPOOL_LOCK, "another recorder", wait, ret_fd, err);
}
