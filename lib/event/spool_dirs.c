/* SPDX-License-Identifier: MIT */
/* The spool's directories and the locks on its files. */
#include "event/spool_parts.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define LOCK_PAUSE 100000 /* nanoseconds between two tries; a writer holds its lock for 5 to 200 µs */

/* `sudo -E git commit` may be the first to spool in a home that is not root's. */
static void give_dir(const char *path, const struct stat *home)
{
	struct stat st;

	if (stat(path, &st) == 0 && st.st_uid == 0)
		(void)!chown(path, home->st_uid, home->st_gid);
}

static int make_dir(const char *spool, const char *name, const struct stat *home, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	int ret = wake_fs_join(spool, name, &path, err);

	if (ret == WAKE_OK)
		ret = wake_fs_make_dirs(path, err);
	if (ret == WAKE_OK && home)
		give_dir(path, home);
	return ret;
}

int wake_spool_make_dirs(const char *spool, struct wake_error *err)
{
	static const char *const names[] = { "", "in", "tmp", "work", "quarantine" };
	wake_auto_free char *parent = NULL;
	bool foreign = false;
	struct stat home;
	int ret = wake_fs_make_dirs(spool, err);

	if (ret == WAKE_OK && geteuid() == 0) {
		ret = wake_fs_join(spool, "..", &parent, err);
		foreign = ret == WAKE_OK && stat(parent, &home) == 0 && home.st_uid != 0;
	}
	for (size_t i = 0; i < WAKE_COUNT(names) && ret == WAKE_OK; i++)
		ret = make_dir(spool, names[i], foreign ? &home : NULL, err);
	return ret;
}

void wake_spool_give(int fd, const char *spool)
{
	struct stat home;

	if (geteuid() == 0 && stat(spool, &home) == 0 && home.st_uid != 0)
		(void)!fchown(fd, home.st_uid, home.st_gid);
}

int wake_spool_flock(int fd, int64_t deadline, struct wake_error *err)
{
	static const struct timespec pause = { .tv_nsec = LOCK_PAUSE };

	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK)
			return wake_fail_errno(err, "lock");
		if (wake_clock_monotonic() >= deadline)
			return wake_fail(err, WAKE_BUSY, "a writer holds its lock");
		(void)nanosleep(&pause, NULL);
	}
	return WAKE_OK;
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static int add_name(struct wake_fs_names *names, size_t *room, const char *name, struct wake_error *err)
{
	char *copy;

	if (names->count == *room) {
		size_t larger = *room ? *room * 2 : 16;
		char **items = reallocarray(names->items, larger, sizeof(*items));

		if (!items)
			return wake_fail_nomem(err);
		names->items = items;
		*room = larger;
	}
	copy = strdup(name);
	if (!copy)
		return wake_fail_nomem(err);
	names->items[names->count++] = copy;
	return WAKE_OK;
}

int wake_spool_names(
    const char *spool, const char *name, size_t max, struct wake_fs_names *ret_names, struct wake_error *err)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	wake_auto_closedir DIR *stream = NULL;
	wake_auto_free char *path = NULL;
	const struct dirent *entry;
	size_t room = 0;
	int ret = wake_fs_join(spool, name, &path, err);

	if (ret < 0)
		return ret;
	stream = opendir(path);
	if (!stream && errno != ENOENT)
		return wake_fail_errno(err, "open directory '%s'", path);
	while (stream && names.count < max && (errno = 0, entry = readdir(stream))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			ret = add_name(&names, &room, entry->d_name, err);
		if (ret < 0)
			return ret;
	}
	if (stream && names.count < max && errno)
		return wake_fail_errno(err, "read directory '%s'", path);
	if (names.count > 1)
		qsort(names.items, names.count, sizeof(*names.items), compare_names);
	*ret_names = names;
	names = (struct wake_fs_names){ 0 }; /* the caller's now */
	return WAKE_OK;
}
