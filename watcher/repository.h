/* SPDX-License-Identifier: MIT */
/* One registered repository, watched: its worktrees as they come and go, its branches, and what it ignores. One
 * whose directory is gone, or that is registered no more, is waited for. */
#ifndef WAKE_REPOSITORY_H
#define WAKE_REPOSITORY_H

#include <jansson.h>

#include "watcher/watch_scene.h"

struct wake_repository; /* opaque; owned: wake_repository_free */

/* phase_changed: some worktree of it is ready now, or new. Opens it at once; what fails is tried again. */
int wake_repository_new(struct wake_scene *scene, const char *common_dir, void (*phase_changed)(void *context),
    void *context, struct wake_repository **ret_repository, struct wake_error *err) WAKE_MUST_CHECK;
void wake_repository_free(struct wake_repository *repository);

const char *wake_repository_common_dir(const struct wake_repository *repository); /* borrowed */

/* It was registered, perhaps anew: opens it if it is not open, or was opened as another one. */
void wake_repository_listed(struct wake_repository *repository);
void wake_repository_replan(struct wake_repository *repository);	/* what git ignores may have changed */
void wake_repository_look(struct wake_repository *repository);	/* events were lost */
int wake_repository_flush(struct wake_repository *repository, struct wake_error *err) WAKE_MUST_CHECK;

/* Lets up to *budget worktrees begin that have not; takes off what it used, and one for each that has begun and
 * is not ready yet. */
void wake_repository_begin(struct wake_repository *repository, size_t *budget);
bool wake_repository_is_ready(const struct wake_repository *repository);
int64_t wake_repository_pending_since(const struct wake_repository *repository); /* 0: nothing is pending */

/* Appends its items to the status document's "worktrees". */
int wake_repository_status(const struct wake_repository *repository, json_t *list, struct wake_error *err)
    WAKE_MUST_CHECK;

#endif
