/* SPDX-License-Identifier: MIT */
/* Keeping markers out of commits: one line in COMMON_DIR/info/exclude, which git reads and never commits. */
#ifndef WAKE_EXCLUDE_H
#define WAKE_EXCLUDE_H

#include "base/error.h"

/* With the star: the marker is written beside itself as .runwake-HEX and renamed, and a `git add -A` may fall
 * between. */
#define WAKE_EXCLUDE_LINE "/.runwake*"

/* Appends the line unless it stands there; keeps everything else byte for byte. */
int wake_exclude_add(const char *common_dir, struct wake_error *err) WAKE_MUST_CHECK;

/* Takes the line out wherever it stands. A file that held nothing else is left empty, not removed. */
int wake_exclude_remove(const char *common_dir, struct wake_error *err) WAKE_MUST_CHECK;

#endif
