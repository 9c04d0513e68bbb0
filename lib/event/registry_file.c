/* SPDX-License-Identifier: MIT */
/* Files of ours inside a git directory. */
#include "event/registry_file.h"

#include <fcntl.h>
#include <string.h>

#define DEPTH_MAX 8 /* directories in runwake/ */

int wake_registry_dir(const char *git_dir, char **ret_dir, struct wake_error *err)
{
	return wake_fs_join(git_dir, "runwake", ret_dir, err);
}

/* The directory that path lies in is the pattern: its mode and its owner. */
static int look_at_parent(const char *path, struct stat *ret_st, struct wake_error *err)
{
	wake_auto_free char *parent = strdup(path);
	char *slash = parent ? strrchr(parent, '/') : NULL;

	if (!parent)
		return wake_fail_nomem(err);
	if (!slash || slash == parent)
		return wake_fail(err, WAKE_INVALID, "'%s' is not in a git directory", path);
	*slash = '\0';
	if (stat(parent, ret_st) < 0)
		return wake_fail_errno(err, "look at '%s'", parent);
	return WAKE_OK;
}

/* Best effort: a file of root's in somebody else's repository would lock its owner out. */
static void hand_over(const char *path, const struct stat *parent)
{
	if (geteuid() == 0 && (parent->st_uid != 0 || parent->st_gid != getegid()) &&
	    lchown(path, parent->st_uid, parent->st_gid) < 0)
		return;
}

int wake_registry_make_dir(const char *path, struct wake_error *err)
{
	struct stat parent;
	int ret = look_at_parent(path, &parent, err);

	if (ret < 0)
		return ret;
	if (mkdir(path, 0700) < 0) {
		if (errno == EEXIST && wake_fs_is_dir(path))
			return WAKE_OK;
		return wake_fail_errno(err, "make directory '%s'", path);
	}
	hand_over(path, &parent);
	if (chmod(path, parent.st_mode & 02777) < 0) /* whatever the umask is */
		return wake_fail_errno(err, "set the mode of '%s'", path);
	return WAKE_OK;
}

int wake_registry_file_replace(const char *path, const void *data, size_t len, struct wake_error *err)
{
	struct stat parent;
	int ret = look_at_parent(path, &parent, err);

	if (ret == WAKE_OK)
		ret = wake_fs_replace(path, data, len, parent.st_mode & 0666, WAKE_FS_PLAIN, err);
	if (ret == WAKE_OK)
		hand_over(path, &parent);
	return ret;
}

int wake_registry_file_rewrite(const char *path, const void *data, size_t len, struct wake_error *err)
{
	wake_auto_close int fd = open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return wake_fail_errno(err, "open '%s'", path);
	if (pwrite(fd, data, len, 0) != (ssize_t)len || ftruncate(fd, (off_t)len) < 0)
		return wake_fail_errno(err, "write '%s'", path);
	return WAKE_OK;
}

int wake_registry_file_create(const char *path, const void *data, size_t len, struct wake_error *err)
{
	struct stat parent;
	int ret = look_at_parent(path, &parent, err);

	if (ret == WAKE_OK)
		ret = wake_fs_create(path, data, len, parent.st_mode & 0666, WAKE_FS_SYNC, err);
	if (ret == WAKE_OK)
		hand_over(path, &parent);
	return ret;
}

int wake_registry_make_log(const char *git_dir, struct wake_error *err)
{
	wake_auto_free char *logs = NULL;
	wake_auto_free char *path = NULL;
	wake_auto_close int fd = -1;
	struct stat parent;
	int ret = wake_fs_join(git_dir, "logs", &logs, err);

	if (ret == WAKE_OK)
		ret = wake_fs_join(git_dir, "logs/HEAD", &path, err);
	if (ret < 0 || wake_fs_is_file(path))
		return ret;
	ret = wake_registry_make_dir(logs, err);
	if (ret == WAKE_OK)
		ret = look_at_parent(path, &parent, err);
	if (ret < 0)
		return ret;
	/* Not by rename or link: git may be making it, and appending, at this moment. */
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, parent.st_mode & 0666);
	if (fd < 0)
		return errno == EEXIST ? WAKE_OK : wake_fail_errno(err, "make '%s'", path);
	hand_over(path, &parent);
	if (fchmod(fd, parent.st_mode & 0666) < 0)
		return wake_fail_errno(err, "set the mode of '%s'", path);
	return WAKE_OK;
}

static int empty_dir(int fd, int depth, struct wake_error *err)
{
	int again = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	wake_auto_closedir DIR *stream = again >= 0 ? fdopendir(again) : NULL;
	const struct dirent *entry;

	if (!stream) {
		if (again >= 0)
			(void)close(again);
		return wake_fail_errno(err, "read the directory");
	}
	while ((entry = readdir(stream))) {
		wake_auto_close int inner = -1;
		int ret;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (unlinkat(fd, entry->d_name, 0) == 0 || errno == ENOENT)
			continue;
		if (errno != EISDIR && errno != EPERM)
			return wake_fail_errno(err, "remove '%s'", entry->d_name);
		inner = openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (inner < 0 || depth == DEPTH_MAX)
			return wake_fail_errno(err, "open directory '%s'", entry->d_name);
		ret = empty_dir(inner, depth + 1, err);
		if (ret < 0)
			return ret;
		if (unlinkat(fd, entry->d_name, AT_REMOVEDIR) < 0 && errno != ENOENT)
			return wake_fail_errno(err, "remove directory '%s'", entry->d_name);
	}
	return WAKE_OK;
}

int wake_registry_remove_dir(const char *path, struct wake_error *err)
{
	wake_auto_close int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR
		           ? WAKE_OK
		           : wake_fail_errno(err, "open directory '%s'", path);
	ret = empty_dir(fd, 0, err);
	if (ret < 0)
		return wake_error_prefix(err, "'%s'", path);
	if (rmdir(path) < 0 && errno != ENOENT)
		return wake_fail_errno(err, "remove directory '%s'", path);
	return WAKE_OK;
}
