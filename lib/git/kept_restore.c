/* SPDX-License-Identifier: MIT */
/* A kept tree's files written into a directory. What the tree says is taken with care: it came from a
 * worktree. */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "git/kept_inside.h"
#include "git/treewalk.h"

static bool is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static int check_empty(const char *dir, struct wake_error *err)
{
	wake_auto_closedir DIR *stream = opendir(dir);
	const struct dirent *entry;

	if (!stream)
		return wake_fail_errno(err, "open '%s'", dir);
	for (;;) {
		errno = 0;
		entry = readdir(stream);
		if (!entry)
			return errno ? wake_fail_errno(err, "read '%s'", dir) : WAKE_OK;
		if (!is_dot(entry->d_name))
			return wake_fail(err, WAKE_EXISTS, "'%s' is not empty; name a new directory", dir);
	}
}

static int open_target(const char *dir, int *ret_fd, struct wake_error *err)
{
	int fd, ret = wake_fs_make_dirs(dir, err);

	if (ret == WAKE_OK)
		ret = check_empty(dir, err);
	if (ret < 0)
		return ret;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return wake_fail_errno(err, "open '%s'", dir);
	*ret_fd = fd;
	return WAKE_OK;
}

/* Down to the directory of the path's last name, making what is not there. ret_name: in path. */
static int enter(int target, char *path, int *ret_fd, const char **ret_name, struct wake_error *err)
{
	wake_auto_close int at = fcntl(target, F_DUPFD_CLOEXEC, 0);
	char *name = path;

	if (at < 0)
		return wake_fail_errno(err, "duplicate a descriptor");
	for (char *slash = strchr(name, '/'); slash; slash = strchr(name, '/')) {
		int next;

		*slash = '\0';
		if (mkdirat(at, name, 0777) < 0 && errno != EEXIST)
			return wake_fail_errno(err, "make directory '%s'", path);
		next = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			return wake_fail_errno(err, "enter '%s'", path);
		*slash = '/';
		(void)close(at);
		at = next;
		name = slash + 1;
	}
	*ret_name = name;
	*ret_fd = at;
	at = -1; /* the caller's now */
	return WAKE_OK;
}

static int write_file(
    int dir, const char *name, unsigned mode, const void *data, size_t len, struct wake_error *err)
{
	wake_auto_close int fd = openat(
	    dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode & 0100 ? 0777 : 0666);

	if (fd < 0)
		return wake_fail_errno(err, "make file '%s'", name);
	return wake_fs_write_all(fd, data, len, err);
}

static int write_link(int dir, const char *name, const void *data, size_t len, struct wake_error *err)
{
	wake_auto_free char *target = strndup(data, len);

	if (!target)
		return wake_fail_nomem(err);
	return symlinkat(target, dir, name) < 0 ? wake_fail_errno(err, "make link '%s'", name) : WAKE_OK;
}

static void free_object(git_odb_object **object)
{
	git_odb_object_free(*object);
}

static int restore_file(struct wake_kept *kept, const struct wake_change *file, int target,
    struct wake_restored *restored, struct wake_error *err)
{
	WAKE_CLEANUP(free_object) git_odb_object *object = NULL;
	wake_auto_close int dir = -1;
	const char *name = "";
	int code, ret;

	if (!wake_kept_takes_path(file->path) || (!S_ISREG(file->new_mode) && !S_ISLNK(file->new_mode)))
		return wake_fail(
		    err, WAKE_CORRUPT, "a kept tree names '%.200s', which is no file's", file->path);
	code = git_odb_read(&object, kept->repo->odb, &file->new_id);
	if (code < 0)
		return wake_fail_git2(err, code, "read the kept content of", file->path);
	if (git_odb_object_type(object) != GIT_OBJECT_BLOB)
		return wake_fail(err, WAKE_CORRUPT, "the kept content of '%.200s' is none", file->path);
	ret = enter(target, file->path, &dir, &name, err);
	if (ret < 0)
		return ret;
	ret = S_ISLNK(file->new_mode)
	          ? write_link(dir, name, git_odb_object_data(object), git_odb_object_size(object), err)
	          : write_file(dir, name, file->new_mode, git_odb_object_data(object),
	                git_odb_object_size(object), err);
	if (ret == WAKE_EXISTS) /* the directory was empty: the tree names it twice */
		err->code = WAKE_CORRUPT;
	if (ret < 0)
		return wake_error_prefix(err, "'%.200s'", file->path);
	restored->files++;
	restored->bytes += (int64_t)git_odb_object_size(object);
	return WAKE_OK;
}

/* Symbolic links come last, so that there is none while directories are entered. */
int wake_kept_restore(struct wake_kept *kept, const char *tree, const char *dir,
    struct wake_restored *ret_restored, struct wake_error *err)
{
	wake_auto_changes struct wake_changes files = { 0 };
	wake_auto_close int target = -1;
	struct wake_restored restored = { 0 };
	int ret;

	if (!wake_kept_has(kept, tree))
		return wake_fail(err, WAKE_NOTFOUND, "the contents of this state are not kept any more");
	ret = wake_treewalk(kept->repo, "", tree, &files, err);
	if (ret == WAKE_OK)
		ret = open_target(dir, &target, err);
	for (int links = 0; links <= 1; links++) {
		for (size_t i = 0; i < files.count && ret == WAKE_OK; i++) {
			if (S_ISLNK(files.items[i].new_mode) == (links == 1))
				ret = restore_file(kept, &files.items[i], target, &restored, err);
		}
	}
	if (ret < 0)
		return ret;
	*ret_restored = restored;
	return WAKE_OK;
}
