/* SPDX-License-Identifier: MIT */
/* The watcher, started where it is wanted and no service manager has started it. */
#ifndef WAKE_WATCHER_START_H
#define WAKE_WATCHER_START_H

#include "base/paths.h"

/* Starts the runwake-watcher that lies beside program (ours, absolute) unless one runs. Waits for nothing, and
 * says nothing where there is none: `runwake doctor` does. */
void wake_watcher_start(const struct wake_paths *paths, const char *program);

#endif
