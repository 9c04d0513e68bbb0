/* SPDX-License-Identifier: MIT */
/* STATE/runs/RUN_ID/inbox/ and STATE/runs/RUN_ID/inbox.lock. */
#include "event/inbox.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "event/event.h"
#include "event/marker.h"

#define FILE_MAX ((size_t)2 * 1024 * 1024) /* bytes: a text of the largest size with all its escapes */
#define DIGITS 16                          /* of a time in microseconds: enough until the year 2286 */

static int locate(const struct wake_paths *paths, const char *run_id, const char *name, char **ret_path,
    struct wake_error *err)
{
	int ret = wake_run_id_check(run_id, err);

	return ret == WAKE_OK ? wake_str_format(ret_path, err, "%s/runs/%s/%s", paths->state, run_id, name)
	                      : ret;
}

static bool is_held(const char *path)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	wake_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	return fd >= 0 && fcntl(fd, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
}

static int lock_dir(int fd)
{
	int ret;

	do
		ret = flock(fd, LOCK_EX);
	while (ret < 0 && errno == EINTR);
	return ret;
}

int wake_inbox_enter(const struct wake_paths *paths, const char *run_id, int *ret_fd, struct wake_error *err)
{
	wake_auto_free char *dir = NULL;
	wake_auto_free char *lock = NULL;
	wake_auto_close int fd = -1;
	struct stat st;
	int ret = locate(paths, run_id, "inbox", &dir, err);

	if (ret == WAKE_OK)
		ret = locate(paths, run_id, "inbox.lock", &lock, err);
	if (ret < 0)
		return ret;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno != ENOENT && errno != ENOTDIR)
		return wake_fail_errno(err, "open directory '%s'", dir);
	if (fd < 0 || lock_dir(fd) < 0 || fstat(fd, &st) < 0 || st.st_nlink == 0 || !is_held(lock))
		return wake_fail(
		    err, WAKE_NOTFOUND, "nobody takes what is said to run %s while it works", run_id);
	*ret_fd = fd;
	fd = -1; /* the caller's now */
	return WAKE_OK;
}

int wake_inbox_put(const struct wake_paths *paths, const char *run_id, int64_t at, const char *message,
    const char *text, struct wake_error *err)
{
	wake_auto_json json_t *object = json_object();
	wake_auto_str struct wake_str json = WAKE_STR(FILE_MAX);
	wake_auto_free char *dir = NULL;
	wake_auto_free char *path = NULL;
	int ret = wake_json_set_string(object, "message", message, err);

	if (ret == WAKE_OK)
		ret = wake_json_set_string(object, "text", text, err);
	if (ret == WAKE_OK)
		ret = wake_json_append(&json, object, err);
	if (ret == WAKE_OK)
		ret = locate(paths, run_id, "inbox", &dir, err);
	if (ret == WAKE_OK)
		ret = wake_str_format(&path, err, "%s/%0*" PRId64 "-%s", dir, DIGITS, at, message);
	return ret == WAKE_OK ? wake_fs_replace(path, json.data, json.len, 0600, WAKE_FS_PLAIN, err) : ret;
}

static int take_lock(const char *path, int *ret_fd, struct wake_error *err)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	wake_auto_close int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return wake_fail_errno(err, "open '%s'", path);
	if (fcntl(fd, F_OFD_SETLK, &whole) < 0)
		return wake_fail_errno(err, "lock '%s'", path);
	*ret_fd = fd;
	fd = -1; /* the caller's now */
	return WAKE_OK;
}

int wake_inbox_open(
    const struct wake_paths *paths, const char *run_id, struct wake_inbox *ret_inbox, struct wake_error *err)
{
	struct wake_inbox inbox = { .lock = -1, .watch = -1 };
	wake_auto_free char *lock = NULL;
	int ret = locate(paths, run_id, "inbox", &inbox.dir, err);

	if (ret == WAKE_OK)
		ret = locate(paths, run_id, "inbox.lock", &lock, err);
	if (ret == WAKE_OK)
		ret = wake_fs_make_dirs(inbox.dir, err);
	if (ret == WAKE_OK) {
		inbox.watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
		if (inbox.watch < 0 || inotify_add_watch(inbox.watch, inbox.dir, IN_MOVED_TO) < 0)
			ret = wake_fail_errno(err, "watch '%s'", inbox.dir);
	}
	if (ret == WAKE_OK) /* last: from here on it is used */
		ret = take_lock(lock, &inbox.lock, err);
	if (ret < 0)
		wake_inbox_close(&inbox);
	*ret_inbox = inbox;
	return ret;
}

void wake_inbox_rest(const struct wake_inbox *inbox)
{
	char events[4096];

	while (read(inbox->watch, events, sizeof(events)) > 0)
		continue;
}

void wake_inbox_item_release(struct wake_inbox_item *item)
{
	free(item->text);
	*item = (struct wake_inbox_item){ 0 };
}

static bool is_name(const char *name)
{
	return strlen(name) == DIGITS + 1 + WAKE_ID_SIZE - 1 && strspn(name, "0123456789") == DIGITS &&
	       name[DIGITS] == '-' && wake_id_is_uuid(name + DIGITS + 1);
}

static int read_item(const struct wake_inbox *inbox, const char *name, struct wake_inbox_item *ret_item,
    struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	wake_auto_free char *data = NULL;
	wake_auto_json json_t *object = NULL;
	const char *message, *text;
	size_t len = 0;
	int ret = wake_fs_join(inbox->dir, name, &path, err);

	if (ret == WAKE_OK)
		ret = wake_fs_read(path, FILE_MAX, WAKE_FS_NOFOLLOW | WAKE_FS_OWN, &data, &len, err);
	if (ret == WAKE_OK)
		ret = wake_json_parse(data, len, &object, err);
	if (ret < 0)
		return ret;
	message = wake_json_string(object, "message");
	text = wake_json_string(object, "text");
	if (!message || !text || strcmp(message, name + DIGITS + 1) != 0 ||
	    strlen(text) > WAKE_EVENT_TEXT_MAX)
		return wake_fail(err, WAKE_INVALID, "'%s' is no message", path);
	(void)snprintf(ret_item->name, sizeof(ret_item->name), "%s", name);
	(void)snprintf(ret_item->message, sizeof(ret_item->message), "%s", message);
	return wake_str_copy(text, &ret_item->text, err);
}

int wake_inbox_next(const struct wake_inbox *inbox, bool (*is_taken)(void *context, const char *name),
    void *context, struct wake_inbox_item *ret_item, struct wake_error *err)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	int ret = wake_fs_list(inbox->dir, WAKE_INBOX_MAX, &names, err);

	for (size_t i = 0; ret == WAKE_OK && i < names.count; i++) {
		struct wake_error problem;

		if (!is_name(names.items[i]) || is_taken(context, names.items[i]))
			continue;
		ret = read_item(inbox, names.items[i], ret_item, &problem);
		if (ret == WAKE_OK || ret == WAKE_NOMEM)
			return ret;
		ret = WAKE_OK; /* what cannot be read waits in the store */
	}
	return ret == WAKE_OK ? wake_fail(err, WAKE_NOTFOUND, "nothing more was said") : ret;
}

/* Without memory, which may be out. */
bool wake_inbox_remove(const struct wake_inbox *inbox, const char *name)
{
	wake_auto_close int dir = -1;

	if (!inbox->dir)
		return true;
	dir = open(inbox->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return dir < 0 ? errno == ENOENT : unlinkat(dir, name, 0) == 0 || errno == ENOENT;
}

/* Under its lock, so that nobody puts anything into it meanwhile. */
static void clear(const char *dir)
{
	wake_auto_close int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	wake_auto_names struct wake_fs_names names = { 0 };
	struct wake_error ignored;

	if (fd < 0 || lock_dir(fd) < 0)
		return;
	if (wake_fs_list(dir, 2 * WAKE_INBOX_MAX, &names, &ignored) < 0)
		return;
	for (size_t i = 0; i < names.count; i++)
		(void)unlinkat(fd, names.items[i], 0);
	(void)rmdir(dir);
}

void wake_inbox_discard(const char *run_dir)
{
	wake_auto_free char *dir = NULL;
	wake_auto_free char *lock = NULL;
	struct wake_error ignored;

	if (wake_fs_join(run_dir, "inbox", &dir, &ignored) < 0 ||
	    wake_fs_join(run_dir, "inbox.lock", &lock, &ignored) < 0)
		return;
	clear(dir);
	(void)unlink(lock);
}

void wake_inbox_close(struct wake_inbox *inbox)
{
	char *slash = inbox->dir ? strrchr(inbox->dir, '/') : NULL;

	if (slash) {
		*slash = '\0'; /* the run's directory */
		wake_inbox_discard(inbox->dir);
	}
	free(inbox->dir);
	wake_scope_close(&inbox->lock);
	wake_scope_close(&inbox->watch);
	*inbox = (struct wake_inbox){ .lock = -1, .watch = -1 };
}
