/* SPDX-License-Identifier: MIT */
/* Reading a reflog file, whole or from where it was left. */
#include "event/reflog.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "event/reflog_parse.h"

struct wake_reflog {
	char *text;		/* of the part that was read */
	uint64_t from;		/* the part's offset in the file */
	struct wake_reflog_line *lines;
	size_t count;
	size_t room;
	size_t bad;
	int64_t age;
	struct wake_reflog_mark mark;
};

void wake_reflog_free(struct wake_reflog *log)
{
	if (!log)
		return;
	free(log->text);
	free(log->lines);
	free(log);
}

size_t wake_reflog_count(const struct wake_reflog *log)
{
	return log->count;
}

const struct wake_reflog_line *wake_reflog_line(const struct wake_reflog *log, size_t index)
{
	return &log->lines[index];
}

uint64_t wake_reflog_inode(const struct wake_reflog *log)
{
	return log->mark.inode;
}

uint64_t wake_reflog_end(const struct wake_reflog *log)
{
	return log->mark.end;
}

size_t wake_reflog_bad(const struct wake_reflog *log)
{
	return log->bad;
}

int64_t wake_reflog_age(const struct wake_reflog *log)
{
	return log->age;
}

bool wake_reflog_is_whole(const struct wake_reflog *log)
{
	return log->from == 0;
}

struct wake_reflog_mark wake_reflog_mark_of(const struct wake_reflog *log)
{
	return log->mark;
}

static int add_line(struct wake_reflog *log, const struct wake_reflog_line *line, struct wake_error *err)
{
	if (log->count == log->room) {
		size_t room = log->room ? log->room * 2 : 32;
		struct wake_reflog_line *lines = reallocarray(log->lines, room, sizeof(*lines));

		if (!lines)
			return wake_fail_nomem(err);
		log->lines = lines;
		log->room = room;
	}
	log->lines[log->count++] = *line;
	return WAKE_OK;
}

/* Moves the mark over a line that was not read before. */
static void advance(struct wake_reflog_mark *mark, const struct wake_reflog_line *line, bool is_first)
{
	mark->line = line->position;
	if (is_first || line->time > mark->peak) {
		mark->peak = line->time;
		mark->peak_from = line->position;
	}
}

/* mark: where reading begins anew; lines before its end were marked already. */
static int parse_lines(struct wake_reflog *log, size_t len, struct wake_error *err)
{
	struct wake_reflog_mark *mark = &log->mark;
	uint64_t seen = mark->end;
	bool none = mark->line == mark->end;
	const char *at = log->text, *end = log->text + len, *newline;

	while (at < end && (newline = memchr(at, '\n', (size_t)(end - at)))) {
		struct wake_reflog_line line;
		size_t size = (size_t)(newline - at);
		int ret;

		if (size <= WAKE_REFLOG_LINE_MAX && wake_reflog_parse(at, size, &line)) {
			line.position += log->from + (uint64_t)(at - log->text);
			if (line.position >= seen) {
				advance(mark, &line, none);
				none = false;
			}
			ret = add_line(log, &line, err);
			if (ret < 0)
				return ret;
		} else {
			log->bad++;
		}
		at = newline + 1;
	}
	if (log->from + (uint64_t)(at - log->text) > seen)
		mark->end = log->from + (uint64_t)(at - log->text);
	if (none)
		mark->line = mark->peak_from = mark->end;
	return WAKE_OK;
}

/* Reads [from, size) of the file into text; less where the file has become shorter. */
static int read_part(int fd, uint64_t from, uint64_t size, char **ret_text, size_t *ret_len,
    struct wake_error *err)
{
	size_t wanted = (size_t)(size - from), len = 0;
	wake_auto_free char *text = malloc(wanted + 1);

	if (!text)
		return wake_fail_nomem(err);
	while (len < wanted) {
		ssize_t got = pread(fd, text + len, wanted - len, (off_t)(from + len));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return wake_fail_errno(err, "read the reflog");
		if (got == 0)
			break;
		len += (size_t)got;
	}
	text[len] = '\0';
	*ret_text = text;
	*ret_len = len;
	text = NULL; /* the caller's now */
	return WAKE_OK;
}

/* mark NULL: the whole file. */
static int read_log(int fd, const struct stat *st, const struct wake_reflog_mark *mark,
    struct wake_reflog **ret_log, struct wake_error *err)
{
	wake_auto_reflog struct wake_reflog *log = calloc(1, sizeof(*log));
	size_t len = 0;
	int ret;

	if (!log)
		return wake_fail_nomem(err);
	if (mark)
		log->mark = *mark;
	log->mark.inode = st->st_ino;
	log->from = log->mark.line < log->mark.peak_from ? log->mark.line : log->mark.peak_from;
	log->age =
	    wake_clock_now() - ((int64_t)st->st_mtim.tv_sec * WAKE_SECOND + st->st_mtim.tv_nsec / 1000);
	ret = read_part(fd, log->from, (uint64_t)st->st_size, &log->text, &len, err);
	if (ret == WAKE_OK)
		ret = parse_lines(log, len, err);
	if (ret == WAKE_OK)
		ret = wake_reflog_count_ordinals(log->lines, log->count, err);
	if (ret < 0)
		return ret;
	if (log->count > 0)
		log->mark.ordinal = log->lines[log->count - 1].ordinal;
	*ret_log = log;
	log = NULL; /* the caller's now */
	return WAKE_OK;
}

static int open_log(const char *path, int *ret_fd, struct stat *ret_st, struct wake_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return wake_fail_errno(err, "open the reflog");
	*ret_fd = fd; /* the caller closes it, whatever we say of it */
	if (fstat(fd, ret_st) < 0)
		return wake_fail_errno(err, "look at the reflog");
	if (!S_ISREG(ret_st->st_mode))
		return wake_fail(err, WAKE_INVALID, "the reflog is not a regular file");
	if ((uint64_t)ret_st->st_size > WAKE_REFLOG_FILE_MAX)
		return wake_fail(err, WAKE_INVALID,
		    "the reflog is longer than %d bytes; `git reflog expire` makes it shorter",
		    WAKE_REFLOG_FILE_MAX);
	return WAKE_OK;
}

static int make_empty(struct wake_reflog **ret_log, struct wake_error *err)
{
	struct wake_reflog *log = calloc(1, sizeof(*log));

	if (!log)
		return wake_fail_nomem(err);
	*ret_log = log;
	return WAKE_OK;
}

static bool fits(const struct wake_reflog_mark *mark, const struct stat *st)
{
	return mark->inode != 0 && mark->inode == st->st_ino && mark->end <= (uint64_t)st->st_size &&
	       mark->line <= mark->end && mark->peak_from <= mark->end;
}

/* The first line after mark, if mark's own line stands where it should; else SIZE_MAX. */
static size_t find_next(struct wake_reflog *log, const struct wake_reflog_mark *mark)
{
	size_t next = 0;

	while (next < log->count && log->lines[next].position < mark->end)
		next++;
	if (mark->line == mark->end)
		return next == 0 ? 0 : SIZE_MAX;
	return next > 0 && log->lines[next - 1].position == mark->line ? next : SIZE_MAX;
}

static bool has_older(const struct wake_reflog *log, size_t next, int64_t peak)
{
	for (size_t i = next; i < log->count; i++) {
		if (log->lines[i].time < peak)
			return true;
	}
	return false;
}

/* Only the part from mark on. ret_next stays SIZE_MAX if that is not enough, or if mark does not fit. */
static int read_part_of(int fd, const struct stat *st, const struct wake_reflog_mark *mark,
    struct wake_reflog **ret_log, size_t *ret_next, struct wake_error *err)
{
	wake_auto_reflog struct wake_reflog *log = NULL;
	size_t next;
	int ret = read_log(fd, st, mark, &log, err);

	if (ret < 0)
		return ret;
	next = find_next(log, mark);
	if (next == SIZE_MAX || (log->from > 0 && has_older(log, next, mark->peak)))
		return WAKE_OK;
	if (next > 0) /* its twins may lie before the part: only the mark knows */
		log->lines[next - 1].ordinal = mark->ordinal;
	if (next == log->count)
		log->mark.ordinal = mark->ordinal;
	*ret_log = log;
	*ret_next = next;
	log = NULL; /* the caller's now */
	return WAKE_OK;
}

static int read_on(const char *path, const struct wake_reflog_mark *mark, struct wake_reflog **ret_log,
    size_t *ret_next, struct wake_error *err)
{
	wake_auto_close int fd = -1;
	struct stat st;
	int ret = open_log(path, &fd, &st, err);

	*ret_next = SIZE_MAX;
	if (ret == WAKE_NOTFOUND)
		return make_empty(ret_log, err);
	if (ret < 0 || !mark)
		return ret < 0 ? ret : read_log(fd, &st, NULL, ret_log, err);
	if (fits(mark, &st)) {
		ret = read_part_of(fd, &st, mark, ret_log, ret_next, err);
		if (ret < 0 || *ret_next != SIZE_MAX)
			return ret;
	}
	ret = read_log(fd, &st, NULL, ret_log, err);
	if (ret == WAKE_OK && fits(mark, &st))
		*ret_next = find_next(*ret_log, mark);
	return ret;
}

int wake_reflog_read_on(const char *path, const struct wake_reflog_mark *mark, struct wake_reflog **ret_log,
    size_t *ret_next, struct wake_error *err)
{
	size_t next;
	int ret = read_on(path, mark, ret_log, &next, err);

	if (ret < 0)
		return wake_error_prefix(err, "'%s'", path);
	*ret_next = next;
	return WAKE_OK;
}

int wake_reflog_read(const char *path, struct wake_reflog **ret_log, struct wake_error *err)
{
	size_t next;

	return wake_reflog_read_on(path, NULL, ret_log, &next, err);
}
