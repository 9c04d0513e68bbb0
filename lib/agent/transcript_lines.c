/* SPDX-License-Identifier: MIT */
/* Lines of a file through one buffer, which grows to the longest line. */
#include "agent/transcript_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/str.h"

#define CHUNK ((size_t)256 * 1024) /* bytes read at once, at least */

struct wake_transcript_lines {
	int fd;
	char *path;   /* owned */
	char *buffer; /* owned */
	size_t room;
	size_t begin; /* of what was not handed out yet */
	size_t seen;  /* up to here there is no newline */
	size_t filled;
	int64_t offset; /* of begin in the file */
	uint64_t skipped;
	bool is_skipping; /* within a line that is too long */
};

static int open_file(
    struct wake_transcript_lines *lines, const char *path, int64_t offset, struct wake_error *err)
{
	struct stat st;

	lines->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (lines->fd < 0)
		return wake_fail_errno(err, "open '%s'", path);
	if (fstat(lines->fd, &st) < 0)
		return wake_fail_errno(err, "look at '%s'", path);
	if (!S_ISREG(st.st_mode))
		return wake_fail(err, WAKE_INVALID, "'%s' is no regular file", path);
	(void)posix_fadvise(lines->fd, offset, 0, POSIX_FADV_SEQUENTIAL);
	lines->offset = offset;
	lines->room = 4 * CHUNK;
	lines->buffer = malloc(lines->room);
	return lines->buffer ? wake_str_copy(path, &lines->path, err) : wake_fail_nomem(err);
}

int wake_transcript_lines_open(
    const char *path, int64_t offset, struct wake_transcript_lines **ret_lines, struct wake_error *err)
{
	wake_auto_transcript_lines struct wake_transcript_lines *lines = calloc(1, sizeof(*lines));
	int ret;

	if (!lines)
		return wake_fail_nomem(err);
	lines->fd = -1;
	ret = open_file(lines, path, offset, err);
	if (ret != WAKE_OK)
		return ret;
	*ret_lines = lines;
	lines = NULL; /* the caller's now */
	return WAKE_OK;
}

void wake_transcript_lines_close(struct wake_transcript_lines *lines)
{
	if (!lines)
		return;
	wake_scope_close(&lines->fd);
	free(lines->path);
	free(lines->buffer);
	free(lines);
}

uint64_t wake_transcript_lines_skipped(const struct wake_transcript_lines *lines)
{
	return lines->skipped;
}

static void hand_out(struct wake_transcript_lines *lines, size_t len)
{
	lines->begin += len;
	lines->offset += (int64_t)len;
	lines->seen = lines->begin;
}

/* Room for another chunk, at the cost of a line that is too long. */
static int make_room(struct wake_transcript_lines *lines, struct wake_error *err)
{
	char *buffer;

	if (lines->filled - lines->begin > WAKE_TRANSCRIPT_LINE_MAX) {
		lines->skipped += !lines->is_skipping;
		lines->is_skipping = true;
	}
	if (lines->is_skipping)
		hand_out(lines, lines->filled - lines->begin);
	memmove(lines->buffer, lines->buffer + lines->begin, lines->filled - lines->begin);
	lines->filled -= lines->begin;
	lines->seen -= lines->begin;
	lines->begin = 0;
	if (lines->room - lines->filled >= CHUNK)
		return WAKE_OK;
	buffer = realloc(lines->buffer, lines->room * 2);
	if (!buffer)
		return wake_fail_nomem(err);
	lines->buffer = buffer;
	lines->room *= 2;
	return WAKE_OK;
}

/* 1: there is more to look at; 0: the file has no more. */
static int fill(struct wake_transcript_lines *lines, struct wake_error *err)
{
	int ret = make_room(lines, err);
	ssize_t got;

	if (ret != WAKE_OK)
		return ret;
	do
		got = pread(lines->fd, lines->buffer + lines->filled, lines->room - lines->filled,
		    lines->offset + (int64_t)(lines->filled - lines->begin));
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return wake_fail_errno(err, "read '%s'", lines->path);
	lines->filled += (size_t)got;
	return got > 0;
}

int wake_transcript_lines_next(
    struct wake_transcript_lines *lines, struct wake_transcript_line *ret_line, struct wake_error *err)
{
	for (;;) {
		const char *from = lines->buffer + lines->seen;
		const char *newline = memchr(from, '\n', lines->filled - lines->seen);
		size_t begin = lines->begin, len;
		int64_t offset = lines->offset;
		int ret;

		if (!newline) {
			lines->seen = lines->filled;
			ret = fill(lines, err);
			if (ret != 1)
				return ret;
			continue;
		}
		len = (size_t)(newline - lines->buffer) - begin;
		hand_out(lines, len + 1);
		if (lines->is_skipping || len > WAKE_TRANSCRIPT_LINE_MAX) {
			lines->skipped += !lines->is_skipping;
			lines->is_skipping = false;
			continue;
		}
		*ret_line =
		    (struct wake_transcript_line){ lines->buffer + begin, len, offset, lines->offset };
		return 1;
	}
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

bool wake_transcript_line_is_blank(const struct wake_transcript_line *line)
{
	for (size_t i = 0; i < line->len; i++) {
		if (!is_blank(line->text[i]))
			return false;
	}
	return true;
}

bool wake_transcript_line_object(const struct wake_transcript_line *line, struct wake_scan *ret_object)
{
	size_t begin = 0, end = line->len;

	while (begin < end && is_blank(line->text[begin]))
		begin++;
	while (end > begin && is_blank(line->text[end - 1]))
		end--;
	*ret_object = (struct wake_scan){ line->text + begin, end - begin };
	return end - begin >= 2 && line->text[begin] == '{' && line->text[end - 1] == '}';
}
