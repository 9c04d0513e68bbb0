/* SPDX-License-Identifier: MIT */
/* Writing files so that nobody ever sees half of one. */
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

#define NAME_TRIES 16 /* names of 64 random bits do not collide; a clock's might */

/* A file beside the target until it takes its place. */
struct draft {
	char *dir;  /* owned */
	char *path; /* owned; NULL while there is no file */
	int fd;
};

/* Unlinks what was not put in place. */
static void draft_release(struct draft *draft)
{
	int saved = errno;

	if (draft->fd >= 0)
		(void)close(draft->fd);
	if (draft->path)
		(void)unlink(draft->path);
	free(draft->path);
	free(draft->dir);
	errno = saved;
}

int wake_fs_write_all(int fd, const void *data, size_t len, struct wake_error *err)
{
	const char *at = data;

	while (len > 0) {
		ssize_t put = write(fd, at, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put == 0)
			errno = EIO;
		if (put <= 0)
			return wake_fail_errno(err, "write %zu bytes", len);
		at += put;
		len -= (size_t)put;
	}
	return WAKE_OK;
}

/* The directory that path is in, "." for a bare name. */
static int parent_of(const char *path, char **ret_dir, struct wake_error *err)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char *dir;

	if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return wake_fail(err, WAKE_INVALID, "'%s' does not name a file", path);
	if (!slash)
		return wake_str_copy(".", ret_dir, err);
	dir = strndup(path, slash == path ? 1 : (size_t)(slash - path));
	if (!dir)
		return wake_fail_nomem(err);
	*ret_dir = dir;
	return WAKE_OK;
}

/* Clock and pid stand in where the kernel has no random bytes yet; O_EXCL is what makes it safe. */
static uint64_t unusual_number(void)
{
	uint64_t number = 0;

	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) != (ssize_t)sizeof(number))
		number = (uint64_t)wake_clock_monotonic() << 22 ^ (uint64_t)getpid();
	return number;
}

static int draft_open(struct draft *draft, struct wake_error *err)
{
	for (int i = 0; i < NAME_TRIES; i++) {
		wake_auto_free char *path = NULL;
		int ret = wake_str_format(
		    &path, err, "%s/.runwake-%016llx", draft->dir, (unsigned long long)unusual_number());

		if (ret < 0)
			return ret;
		draft->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (draft->fd >= 0) {
			draft->path = path;
			path = NULL; /* the draft's now */
			return WAKE_OK;
		}
		if (errno != EEXIST)
			return wake_fail_errno(err, "make a file in '%s'", draft->dir);
	}
	return wake_fail(err, WAKE_BUSY, "no free name for a file in '%s'", draft->dir);
}

static int draft_fill(
    struct draft *draft, const void *data, size_t len, mode_t mode, unsigned flags, struct wake_error *err)
{
	int fd = draft->fd;
	int ret = wake_fs_write_all(fd, data, len, err);

	if (ret < 0)
		return ret;
	if (fchmod(fd, mode) < 0) /* open(2) minds the umask, we do not */
		return wake_fail_errno(err, "set the mode");
	if (flags & WAKE_FS_SYNC && fdatasync(fd) < 0)
		return wake_fail_errno(err, "sync");
	draft->fd = -1;
	if (close(fd) < 0 && errno != EINTR) /* NFS tells of a full disk only here */
		return wake_fail_errno(err, "close");
	return WAKE_OK;
}

/* Without the right to read it, or where a file system syncs no directories, there is nothing to do. */
static int sync_dir(const char *dir, struct wake_error *err)
{
	wake_auto_close int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 ? errno != EACCES : fsync(fd) < 0 && errno != EINVAL)
		return wake_fail_errno(err, "written, but not proof against a power cut: sync '%s'", dir);
	return WAKE_OK;
}

static int check_target(const char *path, unsigned flags, struct wake_error *err)
{
	struct stat st;

	if (!(flags & (WAKE_FS_NOFOLLOW | WAKE_FS_OWN)) || lstat(path, &st) < 0)
		return WAKE_OK;
	if (flags & WAKE_FS_NOFOLLOW && S_ISLNK(st.st_mode))
		return wake_fail(err, WAKE_INVALID, "it is a symbolic link, which is not followed here");
	if (flags & WAKE_FS_OWN && st.st_uid != geteuid())
		return wake_fail(err, WAKE_INVALID, "it belongs to another user");
	return WAKE_OK;
}

typedef int (*place_fn)(const char *from, const char *to);

static int write_beside(const char *path, const void *data, size_t len, mode_t mode, unsigned flags,
    place_fn place, struct wake_error *err)
{
	WAKE_CLEANUP(draft_release) struct draft draft = { .fd = -1 };
	int ret = parent_of(path, &draft.dir, err);

	if (ret == WAKE_OK)
		ret = draft_open(&draft, err);
	if (ret == WAKE_OK)
		ret = draft_fill(&draft, data, len, mode, flags, err);
	if (ret < 0)
		return ret;
	if (place(draft.path, path) < 0)
		return wake_fail_errno(err, "put in place");
	if (place == rename) {
		free(draft.path);
		draft.path = NULL; /* the name is gone: another may be using it by now */
	}
	return flags & WAKE_FS_SYNC ? sync_dir(draft.dir, err) : WAKE_OK;
}

int wake_fs_replace(
    const char *path, const void *data, size_t len, mode_t mode, unsigned flags, struct wake_error *err)
{
	int ret = check_target(path, flags, err);

	if (ret == WAKE_OK)
		ret = write_beside(path, data, len, mode, flags, rename, err);
	return ret < 0 ? wake_error_prefix(err, "write '%s'", path) : WAKE_OK;
}

int wake_fs_create(
    const char *path, const void *data, size_t len, mode_t mode, unsigned flags, struct wake_error *err)
{
	int ret = write_beside(path, data, len, mode, flags, link, err);

	return ret < 0 ? wake_error_prefix(err, "write '%s'", path) : WAKE_OK;
}
