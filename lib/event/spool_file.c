/* SPDX-License-Identifier: MIT */
/* Applying one file of work/: its lines in batches; what cannot be read or applied is set aside. */
#include "event/spool_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_SIZE ((size_t)64 * 1024)
#define BATCH_BYTES ((size_t)8 * 1024 * 1024) /* a batch of large events is applied before it has 500 */

/* A file on its way into the store. */
struct passage {
	const char *spool;
	wake_spool_apply apply;
	void *context;
	size_t *applied;
	struct wake_str raw;           /* the batch's lines, so that a refused one is kept as it came */
	size_t ends[WAKE_SPOOL_BATCH]; /* where each ends in raw */
	struct wake_events batch;      /* the same, read */
	int kept;                      /* the first failure to set a line aside: the file must then stay */
	struct wake_error *err;        /* of kept */
};

static void passage_release(struct passage *passage)
{
	wake_events_release(&passage->batch);
	wake_str_release(&passage->raw);
}

static void empty_batch(struct passage *passage)
{
	wake_events_release(&passage->batch);
	wake_str_clear(&passage->raw);
}

/* A disk too full to hold the quarantine must not stop the lines after this one. */
static void set_aside(struct passage *passage, const char *line, size_t len, const char *reason)
{
	struct wake_error err;
	int ret = wake_spool_set_aside(passage->spool, line, len, reason, &err);

	if (ret < 0 && passage->kept == WAKE_OK) {
		passage->kept = ret;
		*passage->err = err;
	}
}

/* Only a bad value is a line's own fault: of a store that is broken, or of memory that is out, all lines would be
 * found guilty. */
static bool must_stop(int code)
{
	return code != WAKE_OK && code != WAKE_INVALID;
}

/* Some of the batch's lines. apply may have changed the events that it refused, so they are read again. */
static int read_again(const struct passage *passage, size_t first, size_t count, struct wake_events *events,
    struct wake_error *err)
{
	size_t start = first > 0 ? passage->ends[first - 1] : 0;
	int ret = WAKE_OK;

	for (size_t i = first; ret == WAKE_OK && i < first + count; i++) {
		wake_auto_event struct wake_event event = { 0 };

		ret = wake_spool_parse(passage->raw.data + start, passage->ends[i] - start, &event, err);
		if (ret == WAKE_OK)
			ret = wake_events_add(events, &event, err);
		start = passage->ends[i];
	}
	return ret;
}

/* ret_refused: the store will not have them, and err says why. Fails with what must stop the drain, or with a
 * failure of our own, for which no line is to blame. */
static int apply_part(
    struct passage *passage, size_t first, size_t count, bool *ret_refused, struct wake_error *err)
{
	wake_auto_events struct wake_events events = { 0 };
	int ret = read_again(passage, first, count, &events, err);

	if (ret < 0)
		return ret;
	ret = passage->apply(passage->context, &events, err);
	if (must_stop(ret))
		return ret;
	*ret_refused = ret != WAKE_OK;
	if (ret == WAKE_OK)
		*passage->applied += count;
	return WAKE_OK;
}

/* What was refused as a whole is halved until a line stands alone: where each transaction is synced to a disk
 * far away, one bad line among 500 costs some twenty of them instead of 500. */
static int apply_halves(struct passage *passage, size_t first, size_t count, struct wake_error *err)
{
	size_t start = first > 0 ? passage->ends[first - 1] : 0, half = count / 2;
	int ret = WAKE_OK;

	if (count == 1) {
		set_aside(passage, passage->raw.data + start, passage->ends[first] - start, err->text);
		return WAKE_OK;
	}
	for (int side = 0; ret == WAKE_OK && side < 2; side++) {
		size_t from = side ? first + half : first, number = side ? count - half : half;
		bool refused = false;

		ret = apply_part(passage, from, number, &refused, err);
		if (ret == WAKE_OK && refused)
			ret = apply_halves(passage, from, number, err);
	}
	return ret;
}

static int apply_batch(struct passage *passage, struct wake_error *err)
{
	size_t count = passage->batch.count;
	int ret;

	if (count == 0)
		return WAKE_OK;
	ret = passage->apply(passage->context, &passage->batch, err);
	if (must_stop(ret))
		return ret;
	if (ret == WAKE_OK)
		*passage->applied += count;
	else
		ret = apply_halves(passage, 0, count, err);
	if (ret == WAKE_OK)
		empty_batch(passage);
	return ret;
}

static int take_line(struct passage *passage, const char *line, size_t len, struct wake_error *err)
{
	wake_auto_event struct wake_event event = { 0 };
	struct wake_error bad;
	int ret;

	if (len == 0)
		return WAKE_OK; /* a writer ended a torn line that had been mended meanwhile */
	ret = wake_spool_parse(line, len, &event, &bad);
	if (ret == WAKE_NOMEM)
		return wake_fail_nomem(err);
	if (ret < 0) {
		set_aside(passage, line, len, bad.text);
		return WAKE_OK;
	}
	ret = wake_events_add(&passage->batch, &event, err);
	if (ret < 0)
		return ret;
	wake_str_append_bytes(&passage->raw, line, len);
	ret = wake_str_check(&passage->raw, err);
	if (ret < 0)
		return ret;
	passage->ends[passage->batch.count - 1] = passage->raw.len;
	if (passage->batch.count == WAKE_SPOOL_BATCH || passage->raw.len >= BATCH_BYTES)
		return apply_batch(passage, err);
	return WAKE_OK;
}

/* Passes on every whole line in held and keeps the rest. A line beyond the maximum goes on in pieces, so that
 * memory stays bounded and no byte is lost. */
static int take_lines(struct passage *passage, struct wake_str *held, bool last, struct wake_error *err)
{
	size_t start = 0;
	int ret = WAKE_OK;

	while (ret == WAKE_OK && start < held->len) {
		const char *line = held->data + start;
		size_t left = held->len - start;
		const char *end = memchr(line, '\n', left);

		if (!end && !last && left <= WAKE_SPOOL_LINE_MAX)
			break;
		ret = take_line(passage, line, end ? (size_t)(end - line) : left, err);
		start += end ? (size_t)(end - line) + 1 : left;
	}
	if (start > 0) {
		memmove(held->data, held->data + start, held->len - start + 1);
		held->len -= start;
	}
	return ret;
}

static int read_lines(struct passage *passage, int fd, struct wake_error *err)
{
	wake_auto_str struct wake_str held = WAKE_STR(WAKE_SPOOL_LINE_MAX + 2 * READ_SIZE);
	wake_auto_free char *chunk = malloc(READ_SIZE);
	ssize_t got = 1;
	int ret = WAKE_OK;

	if (!chunk)
		return wake_fail_nomem(err);
	while (ret == WAKE_OK && got != 0) {
		got = read(fd, chunk, READ_SIZE);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return wake_fail_errno(err, "read a file of the spool");
		wake_str_append_bytes(&held, chunk, (size_t)got);
		ret = wake_str_check(&held, err);
		if (ret == WAKE_OK)
			ret = take_lines(passage, &held, got == 0, err);
	}
	return ret == WAKE_OK ? apply_batch(passage, err) : ret;
}

/* Opens and locks a file of work/. ret_fd -1: there is nothing in it to apply. */
static int open_work(const char *spool, const char *name, const char *path, int64_t deadline, int *ret_fd,
    struct wake_error *err)
{
	wake_auto_close int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	int ret;

	*ret_fd = -1;
	if (fd < 0 && errno == ENOENT)
		return WAKE_OK;
	if (fd < 0 &&
	    (errno == EACCES || errno == EISDIR || errno == ELOOP || errno == ENXIO || errno == EPERM))
		return wake_spool_set_file_aside(spool, name, err);
	if (fd < 0 || fstat(fd, &st) < 0)
		return wake_fail_errno(err, "open '%s'", path);
	if (!S_ISREG(st.st_mode))
		return wake_spool_set_file_aside(spool, name, err);
	ret = wake_spool_flock(fd, deadline, err);
	if (ret < 0) /* a writer still holds it: it wakes a recorder when it is done */
		return ret == WAKE_BUSY ? WAKE_OK : ret;
	if (fstat(fd, &st) < 0)
		return wake_fail_errno(err, "look at '%s'", path);
	if (st.st_nlink == 0) /* another recorder applied it while we waited for the lock */
		return WAKE_OK;
	*ret_fd = fd;
	fd = -1; /* the caller's now */
	return WAKE_OK;
}

int wake_spool_apply_file(const char *spool, const char *name, int64_t deadline, wake_spool_apply apply,
    void *context, size_t *applied, struct wake_error *err)
{
	struct wake_error kept = { 0 };
	WAKE_CLEANUP(passage_release)
	struct passage passage = {
		.spool = spool,
		.apply = apply,
		.context = context,
		.applied = applied,
		.err = &kept,
		.raw = WAKE_STR(BATCH_BYTES + WAKE_SPOOL_LINE_MAX),
	};
	wake_auto_free char *path = NULL;
	wake_auto_close int fd = -1;
	int ret = wake_str_format(&path, err, "%s/work/%s", spool, name);

	if (ret == WAKE_OK)
		ret = open_work(spool, name, path, deadline, &fd, err);
	if (ret < 0 || fd < 0)
		return ret;
	ret = read_lines(&passage, fd, err);
	if (ret == WAKE_OK && passage.kept < 0) {
		*err = kept;
		return passage.kept;
	}
	if (ret == WAKE_OK && unlink(path) < 0 && errno != ENOENT)
		return wake_fail_errno(err, "remove '%s'", path);
	return ret;
}
