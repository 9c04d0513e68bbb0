/* SPDX-License-Identifier: MIT */
/* What a hook says to the person at the terminal: one line, and not the same one again and again. */
#ifndef WAKE_TELL_H
#define WAKE_TELL_H

#include "base/error.h"

/* One line on standard error, made harmless, in one write. */
void wake_tell(const char *fmt, ...) WAKE_PRINTF(1, 2);

/* "runwake: TEXT", unless this was told within the last hour in this repository: a rebase runs dozens of
 * hooks. common_dir NULL: tells it each time. */
void wake_tell_once(const char *common_dir, const char *text);

#endif
