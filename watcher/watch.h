/* SPDX-License-Identifier: MIT */
/* Everything that is watched: the registered repositories with their worktrees, and the active runs. Whatever
 * happens there is told as events in the spool; what cannot be watched is named in the status, and never ends
 * the watcher. */
#ifndef WAKE_WATCH_H
#define WAKE_WATCH_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/paths.h"
#include "watcher/inotify.h"
#include "watcher/loop.h"

struct wake_watch; /* opaque; owned: wake_watch_free */

/* Lists repositories and runs and begins to watch them; goes on by pieces, through the loop. All borrowed:
 * they must outlive it. */
int wake_watch_new(struct wake_loop *loop, struct wake_inotify *inotify, const struct wake_paths *paths,
    struct wake_watch **ret_watch, struct wake_error *err) WAKE_MUST_CHECK;
/* Tells nothing: wake_watch_flush comes before, where the stop is a clean one. */
void wake_watch_free(struct wake_watch *watch);

/* Lists repositories and runs again, and plans every worktree again (SIGHUP). */
void wake_watch_reload(struct wake_watch *watch);

/* Tells what has not come to rest yet, and observes every worktree once. It tries all; the first failure is
 * returned. */
int wake_watch_flush(struct wake_watch *watch, struct wake_error *err) WAKE_MUST_CHECK;

/* Is every worktree registered (or known to be degraded, or gone)? True where there is none. */
bool wake_watch_is_ready(const struct wake_watch *watch);

/* Calls ready once, the first time that holds, and never from within this call. */
void wake_watch_on_ready(struct wake_watch *watch, void (*ready)(void *context), void *context);

/* Sets "worktrees", "runs", "edit_lag_us" (age of the oldest edit that has not been told yet; 0: none), and
 * "last_error" with "last_error_at" where something has failed. */
int wake_watch_status(const struct wake_watch *watch, json_t *document, struct wake_error *err) WAKE_MUST_CHECK;

#endif
