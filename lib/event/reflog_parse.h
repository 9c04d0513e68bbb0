/* SPDX-License-Identifier: MIT */
/* One physical line of a reflog, and which lines are twins. Inner to the reflog's files. */
#ifndef WAKE_REFLOG_PARSE_H
#define WAKE_REFLOG_PARSE_H

#include "event/reflog.h"

#define WAKE_REFLOG_IDENTITY_MAX (8 * 1024) /* bytes from a name's start to its e-mail's end */

/* text: a line without its LF. Fills everything but ordinal; position is the offset in text at which the
 * line proper starts: behind 0 where a fragment is glued before it. false: no reflog line. */
bool wake_reflog_parse(const char *text, size_t len, struct wake_reflog_line *ret_line);

/* The same movement told twice? (all but old and position) */
bool wake_reflog_same(const struct wake_reflog_line *left, const struct wake_reflog_line *right);

/* Sets every line's ordinal: how many of those before it are the same. */
int wake_reflog_count_ordinals(struct wake_reflog_line *lines, size_t count, struct wake_error *err)
    WAKE_MUST_CHECK;

#endif
