/* SPDX-License-Identifier: MIT */
/* What the watcher tells a person: lines to stderr, or, when it is detached, to a file of at most 1 MiB with one
 * predecessor (FILE.1). Control characters are escaped, since texts may hold what a repository brought. A line
 * that cannot be written is lost: nobody could be told. */
#ifndef WAKE_LOG_H
#define WAKE_LOG_H

#include <stdbool.h>

#include "base/error.h"

#define WAKE_LOG_MAX (1 << 20)	/* bytes of one file */

struct wake_log; /* opaque; owned: wake_log_free */

/* path: NULL: stderr. */
int wake_log_new(const char *path, struct wake_log **ret_log, struct wake_error *err) WAKE_MUST_CHECK;
void wake_log_free(struct wake_log *log);

/* One line. log NULL: nothing. */
void wake_log_say(struct wake_log *log, const char *fmt, ...) WAKE_PRINTF(2, 3);

/* A line that the next one replaces, where stderr is a terminal; else as wake_log_say. */
void wake_log_show(struct wake_log *log, const char *fmt, ...) WAKE_PRINTF(2, 3);

/* Is it stderr? And a terminal? */
bool wake_log_is_seen(const struct wake_log *log);
bool wake_log_is_terminal(const struct wake_log *log);

#endif
