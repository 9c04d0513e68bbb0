/* SPDX-License-Identifier: MIT */
/* What runwake-watcher is told on its command line: one option at most. */
#ifndef WAKE_WATCHER_OPTIONS_H
#define WAKE_WATCHER_OPTIONS_H

#include "base/error.h"

enum wake_watcher_mode {
	WAKE_WATCHER_FOREGROUND, /* no option */
	WAKE_WATCHER_DETACH,
	WAKE_WATCHER_STOP,
	WAKE_WATCHER_STATUS,
	WAKE_WATCHER_HELP,
	WAKE_WATCHER_VERSION,
};

extern const char wake_watcher_help[];

/* args: what follows the program's name, NULL-terminated. WAKE_INVALID. */
int wake_watcher_mode_of(
    const char *const *args, enum wake_watcher_mode *ret_mode, struct wake_error *err) WAKE_MUST_CHECK;

#endif
