/* SPDX-License-Identifier: MIT */
/* Writing to the spool: one line at the end of in/current under a short lock, or a file of its own. */
#include "event/spool_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

#define CURRENT_FLAGS (O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW)
#define OWN_FLAGS (O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW)
#define LOCK_SLICE 500 /* microseconds of waiting before the name is looked at again */
#define REOPEN_MAX 100 /* times that the recorder may take the file away under one writer */

/* Directories are made only when an open fails for want of them: an append costs as few calls as it can. */
static int open_or_make(const char *spool, const char *path, int flags, int *ret_fd, struct wake_error *err)
{
	int fd = open(path, flags, 0600);

	if (fd < 0 && errno == ENOENT) {
		int ret = wake_spool_make_dirs(spool, err);

		if (ret < 0)
			return ret;
		fd = open(path, flags, 0600);
	}
	if (fd < 0)
		return wake_fail_errno(err, "open '%s'", path);
	*ret_fd = fd;
	return WAKE_OK;
}

/* Does path still lead to the file at fd? */
static bool is_named(const char *path, int fd, struct stat *ret_stat)
{
	struct stat named;

	return fstat(fd, ret_stat) == 0 && lstat(path, &named) == 0 && named.st_ino == ret_stat->st_ino &&
	       named.st_dev == ret_stat->st_dev;
}

/* Waits for the lock as long as the name leads to this file: the recorder holds the one that it took away for
 * as long as it applies it. */
static int lock_named(const char *path, int fd, int64_t deadline, struct wake_error *err)
{
	int ret;

	do {
		struct stat st;
		int64_t soon = wake_clock_monotonic() + LOCK_SLICE;

		ret = wake_spool_flock(fd, soon < deadline ? soon : deadline, err);
		if (ret == WAKE_BUSY && !is_named(path, fd, &st))
			return WAKE_OK;
	} while (ret == WAKE_BUSY && wake_clock_monotonic() < deadline);
	return ret;
}

/* Opens in/current and locks it. Between the two the recorder may have taken the file away: what is written
 * to it then would never be read, so the name must still lead to it. */
static int open_current(
    const char *spool, const char *path, int *ret_fd, struct stat *ret_stat, struct wake_error *err)
{
	int64_t deadline = wake_clock_monotonic() + WAKE_SPOOL_LOCK_WAIT;

	for (int i = 0; i < REOPEN_MAX; i++) {
		wake_auto_close int fd = -1;
		int ret = open_or_make(spool, path, CURRENT_FLAGS, &fd, err);

		if (ret == WAKE_OK)
			ret = lock_named(path, fd, deadline, err);
		if (ret < 0)
			return ret;
		if (!is_named(path, fd, ret_stat))
			continue;
		if (!S_ISREG(ret_stat->st_mode))
			return wake_fail(err, WAKE_CORRUPT, "'%s' is not a regular file", path);
		*ret_fd = fd;
		fd = -1; /* the caller's now */
		return WAKE_OK;
	}
	return wake_fail(err, WAKE_BUSY, "'%s' is taken away again and again", path);
}

/* A writer that was killed, or a full disk, may have left half a line. The newline that ends it must come
 * with our line in one write, or the next one killed in between would leave it to somebody else. */
static bool needs_newline(int fd, off_t size)
{
	char last = '\n';

	/* Where that cannot be read, an empty line more does no harm. */
	return size > 0 && (pread(fd, &last, 1, size - 1) != 1 || last != '\n');
}

/* lines begins with a newline of its own, which is written where the file needs one. */
static int append_to_current(
    const char *spool, const struct wake_str *lines, bool durable, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	wake_auto_close int fd = -1;
	struct stat st;
	size_t skip, len;
	ssize_t put;
	int ret = wake_fs_join(spool, WAKE_SPOOL_CURRENT, &path, err);

	if (ret == WAKE_OK)
		ret = open_current(spool, path, &fd, &st, err);
	if (ret < 0)
		return ret;
	skip = needs_newline(fd, st.st_size) ? 0 : 1;
	len = lines->len - skip;
	put = write(fd, lines->data + skip, len);
	if (put == (ssize_t)len && (!durable || fdatasync(fd) == 0)) {
		if (st.st_size == 0)
			wake_spool_give(fd, spool);
		return WAKE_OK;
	}
	if (put >= 0 && put < (ssize_t)len)
		errno = ENOSPC;
	(void)wake_fail_errno(err, "write '%s'", path);
	/* Should this fail too, the next writer ends the torn line and the recorder sets it aside. */
	(void)!ftruncate(fd, st.st_size);
	return err->code;
}

/* After the rename the event is delivered, whatever the directory's sync says; without one, a power cut could
 * still lose the name. */
static void sync_dir(const char *spool)
{
	struct wake_error ignored;
	wake_auto_free char *path = NULL;
	wake_auto_close int fd = -1;

	if (wake_fs_join(spool, "in", &path, &ignored) < 0)
		return;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		(void)fsync(fd);
}

static int write_own(const char *spool, const char *draft, const char *path, const struct wake_str *lines,
    struct wake_error *err)
{
	wake_auto_close int fd = -1;
	int ret = open_or_make(spool, draft, OWN_FLAGS, &fd, err);

	if (ret < 0)
		return ret;
	wake_spool_give(fd, spool);
	ret = wake_fs_write_all(fd, lines->data + 1, lines->len - 1, err);
	if (ret == WAKE_OK && fdatasync(fd) < 0)
		ret = wake_fail_errno(err, "sync '%s'", draft);
	if (ret == WAKE_OK && rename(draft, path) < 0)
		ret = wake_fail_errno(err, "rename '%s'", draft);
	if (ret < 0)
		(void)unlink(draft);
	return ret;
}

static int append_own_file(
    const char *spool, const struct wake_str *lines, bool durable, struct wake_error *err)
{
	wake_auto_free char *draft = NULL;
	wake_auto_free char *path = NULL;
	char id[WAKE_ID_SIZE];
	int ret;

	wake_id_v7(id);
	ret = wake_str_format(&draft, err, "%s/tmp/%s", spool, id);
	if (ret == WAKE_OK)
		ret = wake_str_format(&path, err, "%s/in/%s", spool, id);
	if (ret == WAKE_OK)
		ret = write_own(spool, draft, path, lines, err);
	if (ret == WAKE_OK && durable)
		sync_dir(spool);
	return ret;
}

int wake_spool_append(
    const char *spool, const struct wake_events *events, bool durable, struct wake_error *err)
{
	wake_auto_str struct wake_str lines = WAKE_STR(WAKE_EVENT_LARGEST);
	int ret = WAKE_OK;

	if (events->count == 0)
		return WAKE_OK;
	wake_str_append_char(&lines, '\n');
	for (size_t i = 0; i < events->count && ret == WAKE_OK; i++)
		ret = wake_spool_format(&events->items[i], &lines, err);
	if (ret < 0)
		return ret;
	if (append_to_current(spool, &lines, durable, err) == WAKE_OK)
		return WAKE_OK;
	ret = append_own_file(spool, &lines, durable, err);
	if (ret == WAKE_OK || ret == WAKE_NOMEM)
		return ret;
	(void)wake_error_prefix(err, "the spool '%s' takes no event", spool);
	err->code = WAKE_SYSTEM;
	return WAKE_SYSTEM;
}
