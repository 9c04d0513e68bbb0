/* SPDX-License-Identifier: MIT */
/* Files and directories: finding, reading and listing. Writing is in fs_replace.c. */
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_READ 4096 /* bytes, where the size is not known: files in /proc say 0 */

int wake_fs_join(const char *dir, const char *name, char **ret_path, struct wake_error *err)
{
	size_t dir_len = strlen(dir), name_len = strlen(name);
	bool slash = dir_len > 0 && dir[dir_len - 1] != '/';
	char *path;

	if (name[0] == '/')
		return wake_str_copy(name, ret_path, err);
	path = malloc(dir_len + slash + name_len + 1);
	if (!path)
		return wake_fail_nomem(err);
	memcpy(path, dir, dir_len);
	if (slash)
		path[dir_len] = '/';
	memcpy(path + dir_len + slash, name, name_len + 1);
	*ret_path = path;
	return WAKE_OK;
}

bool wake_fs_is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool wake_fs_is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static int make_dir(const char *path, struct wake_error *err)
{
	struct stat st;

	if (mkdir(path, 0700) < 0) {
		int sys = errno;

		/* Read-only and automounted parents answer with other errors than EEXIST. */
		if (wake_fs_is_dir(path))
			return WAKE_OK;
		if (sys == EEXIST)
			return wake_fail(err, WAKE_EXISTS, "'%s' is there already and is no directory", path);
		errno = sys;
		return wake_fail_errno(err, "make directory '%s'", path);
	}
	/* An odd umask must not lock us out of our own directory. */
	if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && (st.st_mode & 07777) != 0700 &&
	    chmod(path, 0700) < 0)
		return wake_fail_errno(err, "set the mode of directory '%s'", path);
	return WAKE_OK;
}

int wake_fs_make_dirs(const char *path, struct wake_error *err)
{
	wake_auto_free char *copy = NULL;
	int ret;

	if (wake_fs_is_dir(path))
		return WAKE_OK;
	ret = wake_str_copy(path, &copy, err);
	for (char *at = copy; ret == WAKE_OK && *at; at++) {
		if (*at != '/' || at == copy || at[-1] == '/')
			continue;
		*at = '\0';
		ret = make_dir(copy, err);
		*at = '/';
	}
	return ret == WAKE_OK ? make_dir(path, err) : ret;
}

static int fail_irregular(const char *path, struct wake_error *err)
{
	return wake_fail(err, WAKE_INVALID, "'%s' is not a regular file", path);
}

/* O_NONBLOCK: opening a FIFO would otherwise wait for a writer. */
static int open_to_read(const char *path, unsigned flags, int *ret_fd, struct wake_error *err)
{
	int mode = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	int fd = open(path, flags & WAKE_FS_NOFOLLOW ? mode | O_NOFOLLOW : mode);

	if (fd < 0 && errno == ELOOP && flags & WAKE_FS_NOFOLLOW)
		return wake_fail(
		    err, WAKE_INVALID, "'%s' is a symbolic link, which is not followed here", path);
	if (fd < 0 && errno == ENXIO) /* a socket */
		return fail_irregular(path, err);
	if (fd < 0)
		return wake_fail_errno(err, "open '%s'", path);
	*ret_fd = fd;
	return WAKE_OK;
}

/* Checks what was opened, not what the path names: that may have changed in between. */
static int check_opened(
    int fd, const char *path, size_t max, unsigned flags, size_t *ret_size, struct wake_error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return wake_fail_errno(err, "look at '%s'", path);
	if (!S_ISREG(st.st_mode))
		return fail_irregular(path, err);
	if (flags & WAKE_FS_OWN && st.st_uid != geteuid())
		return wake_fail(err, WAKE_INVALID, "'%s' belongs to another user", path);
	if (st.st_size > 0 && (uintmax_t)st.st_size > max)
		return wake_fail(err, WAKE_INVALID, "'%s' is longer than %zu bytes", path, max);
	*ret_size = (size_t)st.st_size;
	return WAKE_OK;
}

/* Reads to the end, wherever that is by now. room: bytes to start with, without the NUL. */
static int read_to_end(int fd, const char *path, size_t max, size_t room, char **ret_data, size_t *ret_len,
    struct wake_error *err)
{
	wake_auto_free char *data = NULL;
	size_t len = 0;
	ssize_t got = 1;

	while (got != 0) {
		if (!data || len == room) {
			size_t larger = !data ? room : room > max / 2 ? max + 1 : room * 2;
			char *moved = realloc(data, larger + 1);

			if (!moved)
				return wake_fail_nomem(err);
			data = moved;
			room = larger;
		}
		got = read(fd, data + len, room - len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return wake_fail_errno(err, "read '%s'", path);
		len += (size_t)got;
		if (len > max)
			return wake_fail(err, WAKE_INVALID, "'%s' is longer than %zu bytes", path, max);
	}
	data[len] = '\0';
	*ret_data = data;
	*ret_len = len;
	data = NULL; /* the caller's now */
	return WAKE_OK;
}

int wake_fs_read(
    const char *path, size_t max, unsigned flags, char **ret_data, size_t *ret_len, struct wake_error *err)
{
	wake_auto_close int fd = -1;
	size_t room = 0;
	int ret;

	if (max > SIZE_MAX / 4)
		max = SIZE_MAX / 4; /* no such object can be allocated; keeps the sums below from wrapping */
	ret = open_to_read(path, flags, &fd, err);
	if (ret == WAKE_OK)
		ret = check_opened(fd, path, max, flags, &room, err);
	if (ret < 0)
		return ret;
	/* One byte more than there is, so that the read after the last one finds the end. */
	room = room > 0 ? room + 1 : FIRST_READ;
	return read_to_end(fd, path, max, room <= max ? room : max + 1, ret_data, ret_len, err);
}

int wake_fs_resolve(const char *path, char **ret_path, struct wake_error *err)
{
	char *resolved = realpath(path, NULL);

	if (!resolved)
		return wake_fail_errno(err, "resolve '%s'", path);
	*ret_path = resolved;
	return WAKE_OK;
}

int wake_fs_identify(const char *path, struct wake_fs_identity *ret_identity, struct wake_error *err)
{
	struct statx st;
	int64_t born = 0;

	if (statx(AT_FDCWD, path, 0, STATX_INO | STATX_BTIME, &st) < 0)
		return wake_fail_errno(err, "look at '%s'", path);
	if (st.stx_mask & STATX_BTIME &&
	    (__builtin_mul_overflow(st.stx_btime.tv_sec, INT64_C(1000000000), &born) ||
	        __builtin_add_overflow(born, (int64_t)st.stx_btime.tv_nsec, &born)))
		born = 0; /* a damaged inode: no birth time that could be told apart */
	ret_identity->inode = st.stx_ino;
	ret_identity->born = born;
	return WAKE_OK;
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static int add_name(struct wake_fs_names *names, size_t *room, const char *name, struct wake_error *err)
{
	if (names->count == *room) {
		size_t larger = *room ? *room * 2 : 16;
		char **items = reallocarray(names->items, larger, sizeof(*items));

		if (!items)
			return wake_fail_nomem(err);
		names->items = items;
		*room = larger;
	}
	names->items[names->count] = strdup(name);
	if (!names->items[names->count])
		return wake_fail_nomem(err);
	names->count++;
	return WAKE_OK;
}

int wake_fs_list(const char *dir, size_t max, struct wake_fs_names *ret_names, struct wake_error *err)
{
	wake_auto_closedir DIR *stream = opendir(dir);
	wake_auto_names struct wake_fs_names names = { 0 };
	const struct dirent *entry;
	size_t room = 0;

	if (!stream)
		return wake_fail_errno(err, "open directory '%s'", dir);
	while (errno = 0, (entry = readdir(stream))) {
		int ret;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (names.count == max)
			return wake_fail(
			    err, WAKE_INVALID, "directory '%s' holds more than %zu names", dir, max);
		ret = add_name(&names, &room, entry->d_name, err);
		if (ret < 0)
			return ret;
	}
	if (errno)
		return wake_fail_errno(err, "read directory '%s'", dir);
	if (names.count > 1)
		qsort(names.items, names.count, sizeof(*names.items), compare_names);
	*ret_names = names;
	names = (struct wake_fs_names){ 0 }; /* the caller's now */
	return WAKE_OK;
}

void wake_fs_names_release(struct wake_fs_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i]);
	free(names->items);
	*names = (struct wake_fs_names){ 0 };
}
