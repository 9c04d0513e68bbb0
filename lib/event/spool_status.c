/* SPDX-License-Identifier: MIT */
/* What is in the spool: for the recorder, which looks again after unlocking, and for a person. */
#include "event/spool_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a walk calls for each entry; false ends it. */
typedef bool (*visit_fn)(int dir, const char *name, void *context);

static bool is_own_name(const char *name)
{
	return strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* Goes through SPOOL/name without keeping names, however many there are. A missing directory is empty. */
static int walk(const char *spool, const char *name, visit_fn visit, void *context, struct wake_error *err)
{
	wake_auto_closedir DIR *stream = NULL;
	wake_auto_free char *path = NULL;
	const struct dirent *entry;
	int ret = wake_fs_join(spool, name, &path, err);

	if (ret < 0)
		return ret;
	stream = opendir(path);
	if (!stream)
		return errno == ENOENT ? WAKE_OK : wake_fail_errno(err, "open directory '%s'", path);
	while (errno = 0, (entry = readdir(stream))) {
		if (is_own_name(entry->d_name) && !visit(dirfd(stream), entry->d_name, context))
			return WAKE_OK;
	}
	return errno ? wake_fail_errno(err, "read directory '%s'", path) : WAKE_OK;
}

static bool find_incoming(int dir, const char *name, void *context)
{
	bool *found = context;
	struct stat st;

	*found =
	    fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && (!S_ISREG(st.st_mode) || st.st_size > 0);
	return !*found;
}

/* A file that a writer holds is not for us: the writer probes the recorder's lock when it is done. Counting
 * it would make a recorder spin while a stopped process holds it. */
static bool find_left_over(int dir, const char *name, void *context)
{
	wake_auto_close int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	bool *found = context;

	*found = fd < 0 ? errno != ENOENT : flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
	return !*found;
}

static bool has_readmitted(const char *spool)
{
	for (int version = 1; version <= WAKE_EVENT_VERSION; version++) {
		struct wake_error ignored;
		wake_auto_free char *path = NULL;

		if (wake_str_format(
		        &path, &ignored, "%s/quarantine/" WAKE_SPOOL_NEWER "%d", spool, version) == WAKE_OK &&
		    access(path, F_OK) == 0)
			return true;
	}
	return false;
}

bool wake_spool_has_events(const char *spool)
{
	struct wake_error ignored;
	bool found = false;

	if (walk(spool, "in", find_incoming, &found, &ignored) < 0 || found)
		return found;
	if (walk(spool, "work", find_left_over, &found, &ignored) < 0 || found)
		return found;
	return has_readmitted(spool);
}

static bool find_any(int dir, const char *name, void *context)
{
	bool *found = context;

	(void)dir;
	*found = *name != '\0';
	return !*found;
}

bool wake_spool_has_leftovers(const char *spool)
{
	struct wake_error ignored;
	bool found = false;

	return walk(spool, "work", find_any, &found, &ignored) == WAKE_OK && found;
}

static bool count_waiting(int dir, const char *name, void *context)
{
	struct wake_spool_status *status = context;
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
		status->waiting_files++;
		status->waiting_bytes += (uint64_t)st.st_size;
	}
	return true;
}

struct quarantine {
	struct wake_spool_status *status;
	struct timespec latest;
};

static bool is_later(const struct timespec *left, const struct timespec *right)
{
	return left->tv_sec != right->tv_sec ? left->tv_sec > right->tv_sec : left->tv_nsec > right->tv_nsec;
}

static uint64_t count_lines(int fd)
{
	char chunk[4096], last = '\n';
	uint64_t lines = 0;
	ssize_t got;

	while ((got = read(fd, chunk, sizeof(chunk))) > 0) {
		for (ssize_t i = 0; i < got; i++) {
			lines += last != '\n' && chunk[i] == '\n';
			last = chunk[i];
		}
	}
	return lines;
}

/* The first line of a file that wake_spool_set_aside made. */
static void read_reason(int fd, char *reason, size_t size)
{
	ssize_t got = read(fd, reason, size - 1);

	reason[got > 0 ? got : 0] = '\0';
	reason[strcspn(reason, "\n")] = '\0';
}

static bool count_quarantined(int dir, const char *name, void *context)
{
	wake_auto_close int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct quarantine *quarantine = context;
	struct wake_spool_status *status = quarantine->status;
	bool newer = strncmp(name, WAKE_SPOOL_NEWER, strlen(WAKE_SPOOL_NEWER)) == 0;
	struct stat st;

	if (name[0] == '.') /* a file in the making */
		return true;
	status->quarantined += newer && fd >= 0 ? count_lines(fd) : 1;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !is_later(&st.st_mtim, &quarantine->latest))
		return true;
	quarantine->latest = st.st_mtim;
	if (newer)
		(void)snprintf(status->quarantine_reason, sizeof(status->quarantine_reason),
		    "written by a newer Runwake (event version %.6s); upgrade this one",
		    name + strlen(WAKE_SPOOL_NEWER));
	else if (fd >= 0 && strstr(name, ".line"))
		read_reason(fd, status->quarantine_reason, sizeof(status->quarantine_reason));
	else
		(void)snprintf(status->quarantine_reason, sizeof(status->quarantine_reason),
		    "no file that we may read: quarantine/%.200s", name);
	return true;
}

int wake_spool_status(const char *spool, struct wake_spool_status *ret_status, struct wake_error *err)
{
	struct wake_spool_status status = { 0 };
	struct quarantine quarantine = { .status = &status };
	int ret = walk(spool, "in", count_waiting, &status, err);

	if (ret == WAKE_OK)
		ret = walk(spool, "work", count_waiting, &status, err);
	if (ret == WAKE_OK)
		ret = walk(spool, "quarantine", count_quarantined, &quarantine, err);
	if (ret == WAKE_OK)
		*ret_status = status;
	return ret;
}
