/* SPDX-License-Identifier: MIT */
/* A hostile reflog: every line that is found lies in the file, ids are ids, and reading on from any line's
 * end finds what reading all finds. */
#include "event/reflog.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/fs.h"

#define NONCE "0198f0c2-7d3a-7bcd-8e12-0123456789ab"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		__builtin_trap();
}

static void check_line(const struct wake_reflog_line *line, uint64_t end)
{
	wake_auto_free char *target = wake_reflog_checkout_target(line);
	const struct wake_reflog_kind *kind = wake_reflog_kind(line->message, line->message_len);
	char id[WAKE_ID_SIZE];

	check(wake_hash_is_valid(line->old_hash) && wake_hash_is_valid(line->new_hash));
	check(line->position < end && line->name_len < end && line->email_len < end && line->message_len < end);
	check(!memchr(line->message, '\n', line->message_len) && !memchr(line->name, '\n', line->name_len));
	check(line->time <= INT64_C(1) << 53 && line->time >= -(INT64_C(1) << 53));
	check(wake_reflog_kind_named(kind->name)->flags == kind->flags);
	check(!target || (target[0] && target[0] != '-' && !strpbrk(target, " ~^:?*[\\")));
	wake_reflog_line_id(line, NONCE, "HEAD", id);
	check(wake_id_is_uuid(id));
}

/* An in-memory file under a name, so that nothing is written to disk. */
static int open_file(char path[64])
{
	int fd = memfd_create("reflog", MFD_CLOEXEC);

	check(fd >= 0);
	(void)snprintf(path, 64, "/proc/self/fd/%d", fd);
	return fd;
}

static struct wake_reflog *read_log(const char *path)
{
	struct wake_reflog *log = NULL;
	struct wake_error err;

	check(wake_reflog_read(path, &log, &err) == WAKE_OK);
	return log;
}

/* As if a witness had come when only the first cut bytes were there. */
static void check_reading_on(int fd, const char *path, const uint8_t *data, size_t size, size_t cut)
{
	wake_auto_reflog struct wake_reflog *before = NULL;
	wake_auto_reflog struct wake_reflog *whole = NULL;
	wake_auto_reflog struct wake_reflog *part = NULL;
	struct wake_reflog_mark mark;
	struct wake_error err;
	size_t next, skipped;

	check(ftruncate(fd, (off_t)cut) == 0);
	before = read_log(path);
	mark = wake_reflog_mark_of(before);
	check(pwrite(fd, data + cut, size - cut, (off_t)cut) == (ssize_t)(size - cut));
	whole = read_log(path);
	check(wake_reflog_read_on(path, &mark, &part, &next, &err) == WAKE_OK);
	check(next != SIZE_MAX && next <= wake_reflog_count(part));
	skipped = wake_reflog_count(whole) - wake_reflog_count(part);
	check(skipped + next == wake_reflog_count(before));
	for (size_t i = next; i < wake_reflog_count(part); i++) {
		char one[WAKE_ID_SIZE], other[WAKE_ID_SIZE];

		wake_reflog_line_id(wake_reflog_line(part, i), NONCE, "HEAD", one);
		wake_reflog_line_id(wake_reflog_line(whole, skipped + i), NONCE, "HEAD", other);
		check(strcmp(one, other) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[64];
	wake_auto_close int fd = open_file(path);
	wake_auto_reflog struct wake_reflog *log = NULL;
	const uint8_t *newline;
	struct wake_error err;

	check(wake_fs_write_all(fd, data, size, &err) == WAKE_OK);
	log = read_log(path);
	check(wake_reflog_end(log) <= size);
	for (size_t i = 0; i < wake_reflog_count(log); i++)
		check_line(wake_reflog_line(log, i), wake_reflog_end(log));
	newline = size > 0 ? memchr(data + size / 2, '\n', size - size / 2) : NULL;
	check_reading_on(fd, path, data, size, size / 2);
	if (newline)
		check_reading_on(fd, path, data, size, (size_t)(newline - data) + 1);
	return 0;
}
