/* SPDX-License-Identifier: MIT */
/* All registered repositories: STATE/repositories, as it changes. */
#ifndef WAKE_REPOSITORIES_H
#define WAKE_REPOSITORIES_H

#include <jansson.h>

#include "watcher/watch_scene.h"

struct wake_repositories; /* opaque; owned: wake_repositories_free */

/* Watches STATE/repositories (made if it is missing) and begins. phase_changed: more is ready than before, or
 * less; called from the loop only. */
int wake_repositories_new(struct wake_scene *scene, void (*phase_changed)(void *context), void *context,
    struct wake_repositories **ret_repositories, struct wake_error *err) WAKE_MUST_CHECK;
void wake_repositories_free(struct wake_repositories *repositories);

void wake_repositories_reload(struct wake_repositories *repositories);	/* lists and plans all again */
void wake_repositories_look(struct wake_repositories *repositories);	/* events were lost */
int wake_repositories_flush(struct wake_repositories *repositories, struct wake_error *err) WAKE_MUST_CHECK;

bool wake_repositories_are_ready(const struct wake_repositories *repositories);
int64_t wake_repositories_pending_since(const struct wake_repositories *repositories); /* 0: nothing is */
/* The status document's "worktrees"; owned: json_decref. */
int wake_repositories_status(const struct wake_repositories *repositories, json_t **ret_list,
    struct wake_error *err) WAKE_MUST_CHECK;

#endif
