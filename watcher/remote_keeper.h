/* SPDX-License-Identifier: MIT */
/* Keeping the program that follows runs at services elsewhere: STATE/remote is watched, and where an entry
 * waits there runwake-remote is a child of ours, as the recorder is. It ends by itself when nothing is left;
 * one that fails, or finds that another one follows already, is started again later, a minute at the most.
 * Without entries nothing is watched but the directory. */
#ifndef WAKE_REMOTE_KEEPER_H
#define WAKE_REMOTE_KEEPER_H

#include "base/paths.h"
#include "watcher/log.h"
#include "watcher/loop.h"

struct wake_remote_keeper; /* opaque; owned: wake_remote_keeper_free, which kills the child: it loses nothing
                              by that */

struct wake_remote_keeper_spec {
	const struct wake_paths *paths; /* borrowed */
	const char *program;  /* borrowed; runwake-remote, absolute. Where it is not, nothing is kept */
	struct wake_log *log; /* borrowed */
};

int wake_remote_keeper_new(struct wake_loop *loop, const struct wake_remote_keeper_spec *spec,
    struct wake_remote_keeper **ret_keeper, struct wake_error *err) WAKE_MUST_CHECK;
void wake_remote_keeper_free(struct wake_remote_keeper *keeper);

#endif
