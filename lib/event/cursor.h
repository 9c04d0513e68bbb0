/* SPDX-License-Identifier: MIT */
/* How far a log was observed: small text files SPOOL/cursors/NAME. They only save work: one that is lost,
 * torn, damaged or of another boot (the events may have been lost with it) means reading from the baseline
 * again. */
#ifndef WAKE_CURSOR_H
#define WAKE_CURSOR_H

#include "base/id.h"
#include "base/paths.h"
#include "base/process.h"
#include "base/str.h"
#include "event/reflog.h"

struct wake_cursor {
	char boot_id[WAKE_BOOT_ID_SIZE];
	int64_t at;			/* when it was observed, microseconds UTC */
	struct wake_reflog_mark mark;
	char last_id[WAKE_ID_SIZE];	/* of the last line; "" if the log was empty */
	char last_new[WAKE_HASH_SIZE];	/* where the last line led; "" if the log was empty */
	char implied[WAKE_HASH_SIZE];	/* where HEAD was found without a line after the last; "" */
};

/* WAKE_NOTFOUND: none, or none that can be read. */
int wake_cursor_load(const struct wake_paths *paths, const char *name, struct wake_cursor *ret_cursor,
    struct wake_error *err) WAKE_MUST_CHECK;

/* before: as it was loaded; NULL: there was none. Two witnesses may save at once: what another has saved
 * since then stands if it is further on in the same file. */
int wake_cursor_save(const struct wake_paths *paths, const char *name, const struct wake_cursor *cursor,
    const struct wake_cursor *before, struct wake_error *err) WAKE_MUST_CHECK;

void wake_cursor_remove(const struct wake_paths *paths, const char *name);

/* The file itself, for cursors of another shape. */
int wake_cursor_path(const struct wake_paths *paths, const char *name, char **ret_path,
    struct wake_error *err) WAKE_MUST_CHECK;
int wake_cursor_write(const struct wake_paths *paths, const char *name, const struct wake_str *text,
    struct wake_error *err) WAKE_MUST_CHECK;

/* "INODE END LINE ORDINAL PEAK PEAK_FROM" */
void wake_cursor_append_mark(struct wake_str *out, const struct wake_reflog_mark *mark);
/* Moves *text behind it; false if there is none. */
bool wake_cursor_parse_mark(const char **text, struct wake_reflog_mark *ret_mark);

#endif
