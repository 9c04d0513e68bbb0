/* SPDX-License-Identifier: MIT */
/* A person's own excludes (core.excludesFile), which every worktree's ignoring depends on: told when that file
 * changes. */
#ifndef WAKE_EXCLUDES_H
#define WAKE_EXCLUDES_H

#include "watcher/watch_scene.h"

struct wake_excludes; /* opaque; owned: wake_excludes_free */

/* Asks git, once, where that file is. A machine without git has none. */
int wake_excludes_new(struct wake_scene *scene, void (*changed)(void *context), void *context,
    struct wake_excludes **ret_excludes, struct wake_error *err) WAKE_MUST_CHECK;
void wake_excludes_free(struct wake_excludes *excludes);
void wake_excludes_reload(struct wake_excludes *excludes); /* asks again */

#endif
