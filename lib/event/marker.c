/* SPDX-License-Identifier: MIT */
/* The marker file: believed only after a look at what it is, whose it is and what it says. */
#include "event/marker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/id.h"
#include "base/json.h"

#define MARKER_VERSION 1

int wake_run_id_check(const char *run_id, struct wake_error *err)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:@+=-";
	size_t len = strlen(run_id);

	if (len == 0 || len > WAKE_RUN_ID_MAX)
		return wake_fail(err, WAKE_INVALID, "a run id has 1 to %d characters, this one has %zu",
		    WAKE_RUN_ID_MAX, len);
	if (run_id[0] == '-' || run_id[0] == '.')
		return wake_fail(err, WAKE_INVALID, "a run id does not begin with '%c'", run_id[0]);
	if (strspn(run_id, allowed) != len)
		return wake_fail(err, WAKE_INVALID, "a run id consists of letters, digits and ._:@+=- only");
	return WAKE_OK;
}

/* Copies a member that is a run id; a missing one is "". */
static int copy_id(
    const json_t *object, const char *key, char ret_id[WAKE_RUN_ID_MAX + 1], struct wake_error *err)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);
	int ret;

	ret_id[0] = '\0';
	if (!value)
		return WAKE_OK;
	if (!text)
		return wake_fail(err, WAKE_INVALID, "its '%s' is not a text", key);
	ret = wake_run_id_check(text, err);
	if (ret < 0)
		return wake_error_prefix(err, "its '%s'", key);
	memcpy(ret_id, text, strlen(text) + 1);
	return WAKE_OK;
}

static int parse(const char *text, size_t len, struct wake_marker *marker, struct wake_error *err)
{
	wake_auto_json json_t *object = NULL;
	int ret = wake_json_parse(text, len, &object, err);

	if (ret < 0)
		return ret;
	if (wake_json_int(object, "version", 0) != MARKER_VERSION)
		return wake_fail(err, WAKE_INVALID, "its 'version' is not %d", MARKER_VERSION);
	ret = copy_id(object, "run_id", marker->run_id, err);
	if (ret == WAKE_OK)
		ret = copy_id(object, "workspace_id", marker->workspace_id, err);
	if (ret == WAKE_OK && !marker->run_id[0])
		return wake_fail(err, WAKE_INVALID, "its 'run_id' is missing");
	return ret;
}

/* Anybody who can write into a shared directory could put a marker there: only the directory's owner may. */
static int check_owner(int fd, const char *directory, struct wake_error *err)
{
	struct stat file, dir;

	if (fstat(fd, &file) < 0 || stat(directory, &dir) < 0)
		return wake_fail_errno(err, "look at it");
	if (!S_ISREG(file.st_mode))
		return wake_fail(err, WAKE_INVALID, "it is not a regular file");
	if (file.st_uid != geteuid() && file.st_uid != dir.st_uid)
		return wake_fail(err, WAKE_INVALID, "it belongs neither to us nor to the directory's owner");
	return WAKE_OK;
}

/* One byte more than the maximum tells a longer file. */
static int read_file(int fd, char text[WAKE_MARKER_MAX + 1], size_t *ret_len, struct wake_error *err)
{
	size_t len = 0;
	ssize_t got;

	while (len <= WAKE_MARKER_MAX && (got = read(fd, text + len, WAKE_MARKER_MAX + 1 - len)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return wake_fail_errno(err, "read it");
		len += (size_t)got;
	}
	if (len > WAKE_MARKER_MAX)
		return wake_fail(err, WAKE_INVALID, "it is longer than %d bytes", WAKE_MARKER_MAX);
	*ret_len = len;
	return WAKE_OK;
}

/* O_NONBLOCK: a FIFO of that name must not hold a hook up. */
static int open_marker(const char *path, int *ret_fd, struct wake_error *err)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return wake_fail_errno(err, "open '%s'", path);
	if (fd < 0 && errno == ELOOP)
		return wake_fail(err, WAKE_INVALID, "it is a symbolic link");
	if (fd < 0) {
		(void)wake_fail_errno(err, "open it");
		return err->code = WAKE_INVALID;
	}
	*ret_fd = fd;
	return WAKE_OK;
}

static int read_marker(
    const char *path, const char *directory, struct wake_marker *marker, struct wake_error *err)
{
	wake_auto_close int fd = -1;
	char text[WAKE_MARKER_MAX + 1];
	size_t len = 0;
	int ret = open_marker(path, &fd, err);

	if (ret == WAKE_OK)
		ret = check_owner(fd, directory, err);
	if (ret == WAKE_OK)
		ret = read_file(fd, text, &len, err);
	return ret == WAKE_OK ? parse(text, len, marker, err) : ret;
}

int wake_marker_read(const char *directory, struct wake_marker *ret_marker, struct wake_error *err)
{
	struct wake_marker marker = { 0 };
	wake_auto_free char *path = NULL;
	int ret = wake_fs_join(directory, WAKE_MARKER_NAME, &path, err);

	if (ret == WAKE_OK)
		ret = read_marker(path, directory, &marker, err);
	if (ret == WAKE_INVALID) {
		struct wake_error why = *err;

		return wake_fail(err, WAKE_INVALID,
		    "the marker '%s' is not believed: %s; remove it, or `runwake start` anew", path,
		    why.text);
	}
	if (ret == WAKE_OK)
		ret = wake_str_copy(directory, &marker.directory, err);
	if (ret == WAKE_OK)
		*ret_marker = marker;
	return ret;
}

int wake_marker_find(const char *directory, struct wake_marker *ret_marker, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	struct stat first, here;
	int ret = wake_fs_resolve(directory, &path, err);

	if (ret < 0)
		return ret;
	if (stat(path, &first) < 0)
		return wake_fail_errno(err, "look at '%s'", path);
	for (;;) {
		char *slash = strrchr(path, '/');

		ret = wake_marker_read(path, ret_marker, err);
		if (ret != WAKE_NOTFOUND || !slash || strcmp(path, "/") == 0)
			return ret;
		slash[slash == path ? 1 : 0] = '\0';
		if (stat(path, &here) < 0 || here.st_dev != first.st_dev || here.st_uid != first.st_uid)
			return ret;
	}
}

static int format(const char *run_id, const char *workspace_id, struct wake_str *out, struct wake_error *err)
{
	wake_auto_json json_t *object = json_object();
	int ret = object ? wake_run_id_check(run_id, err) : wake_fail_nomem(err);

	if (ret == WAKE_OK && workspace_id && workspace_id[0])
		ret = wake_run_id_check(workspace_id, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(object, "version", MARKER_VERSION, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(object, "run_id", run_id, err);
	if (ret == WAKE_OK && workspace_id && workspace_id[0])
		ret = wake_json_set_string(object, "workspace_id", workspace_id, err);
	if (ret == WAKE_OK)
		ret = wake_json_append(out, object, err);
	wake_str_append_char(out, '\n');
	return ret == WAKE_OK ? wake_str_check(out, err) : ret;
}

static int put(const char *directory, const char *run_id, const char *workspace_id, bool replace,
    struct wake_error *err)
{
	wake_auto_str struct wake_str text = WAKE_STR(WAKE_MARKER_MAX);
	wake_auto_free char *path = NULL;
	int ret = format(run_id, workspace_id, &text, err);

	if (ret == WAKE_OK)
		ret = wake_fs_join(directory, WAKE_MARKER_NAME, &path, err);
	if (ret < 0)
		return ret;
	return replace ? wake_fs_replace(path, text.data, text.len, 0600, WAKE_FS_PLAIN, err)
		       : wake_fs_create(path, text.data, text.len, 0600, WAKE_FS_PLAIN, err);
}

int wake_marker_write(
    const char *directory, const char *run_id, const char *workspace_id, struct wake_error *err)
{
	return put(directory, run_id, workspace_id, true, err);
}

int wake_marker_create(
    const char *directory, const char *run_id, const char *workspace_id, struct wake_error *err)
{
	return put(directory, run_id, workspace_id, false, err);
}

/* Does the file at path name run_id? WAKE_NOTFOUND if not, or if it cannot be read as JSON. */
static int check_names(const char *path, const char *run_id, struct wake_error *err)
{
	wake_auto_json json_t *object = NULL;
	wake_auto_free char *text = NULL;
	const char *found;
	size_t len = 0;
	int ret = wake_fs_read(path, WAKE_MARKER_MAX, WAKE_FS_NOFOLLOW, &text, &len, err);

	if (ret == WAKE_OK)
		ret = wake_json_parse(text, len, &object, err);
	found = ret == WAKE_OK ? wake_json_string(object, "run_id") : NULL;
	if (ret == WAKE_NOMEM || (found && strcmp(found, run_id) == 0))
		return ret;
	return wake_fail(err, WAKE_NOTFOUND, "'%s' does not name run %s", path, run_id);
}

/* Puts back what was taken by mistake, unless somebody has put a later one there meanwhile. */
static void give_back(const char *aside, const char *path)
{
	if (renameat2(AT_FDCWD, aside, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
		return;
	if (errno == EEXIST)
		(void)unlink(aside);
	else
		(void)rename(aside, path); /* a file system that does not know the flag */
}

/* What is taken away is looked at once more where nobody else sees it: between a look and an unlink(2),
 * another run may have put its own there. */
int wake_marker_unlink_of(const char *path, const char *run_id, struct wake_error *err)
{
	wake_auto_free char *aside = NULL;
	char unique[WAKE_ID_SIZE];
	int ret = check_names(path, run_id, err);

	wake_id_v7(unique);
	if (ret == WAKE_OK)
		ret = wake_str_format(&aside, err, "%s-%s", path, unique);
	if (ret == WAKE_OK && rename(path, aside) < 0)
		ret = wake_fail_errno(err, "rename '%s'", path);
	if (ret < 0)
		return ret;
	ret = check_names(aside, run_id, err);
	if (ret == WAKE_OK && unlink(aside) < 0)
		ret = wake_fail_errno(err, "remove '%s'", path);
	if (ret < 0)
		give_back(aside, path);
	return ret;
}

int wake_marker_remove(const char *directory, const char *run_id, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	int ret = wake_fs_join(directory, WAKE_MARKER_NAME, &path, err);

	if (ret < 0)
		return ret;
	if (run_id)
		return wake_marker_unlink_of(path, run_id, err);
	return unlink(path) == 0 ? WAKE_OK : wake_fail_errno(err, "remove '%s'", path);
}

void wake_marker_release(struct wake_marker *marker)
{
	free(marker->directory);
	*marker = (struct wake_marker){ 0 };
}
