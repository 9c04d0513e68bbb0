/* SPDX-License-Identifier: MIT */
/* The whole lines of a file that somebody may be writing. Memory: the longest line, and a buffer. */
#ifndef WAKE_TRANSCRIPT_LINES_H
#define WAKE_TRANSCRIPT_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/scan.h"
#include "base/error.h"
#include "base/scope.h"

#define WAKE_TRANSCRIPT_LINE_MAX                                                                             \
	((size_t)32 * 1024 * 1024) /* bytes; longer lines are skipped and counted                            \
	                            */

struct wake_transcript_lines;

struct wake_transcript_line {
	const char *text; /* borrowed until the next call; no NUL follows */
	size_t len;       /* without the newline */
	int64_t offset;   /* where it begins in the file */
	int64_t end;      /* where the next one does */
};

/* A regular file only; reads from an offset on, which must be that of a line. owned:
 * wake_transcript_lines_close. */
int wake_transcript_lines_open(const char *path, int64_t offset, struct wake_transcript_lines **ret_lines,
    struct wake_error *err) WAKE_MUST_CHECK;
/* 1: a line; 0: no more. What has no newline yet is no line. */
int wake_transcript_lines_next(struct wake_transcript_lines *lines, struct wake_transcript_line *ret_line,
    struct wake_error *err) WAKE_MUST_CHECK;
uint64_t wake_transcript_lines_skipped(const struct wake_transcript_lines *lines); /* too long */
void wake_transcript_lines_close(struct wake_transcript_lines *lines);

bool wake_transcript_line_is_blank(const struct wake_transcript_line *line);
/* The object that a line is. What lies between the brackets is looked at when it is wanted: most lines are not. */
bool wake_transcript_line_object(const struct wake_transcript_line *line, struct wake_scan *ret_object);

static inline void wake_scope_transcript_lines(struct wake_transcript_lines **lines)
{
	wake_transcript_lines_close(*lines);
}
#define wake_auto_transcript_lines WAKE_CLEANUP(wake_scope_transcript_lines)

#endif
