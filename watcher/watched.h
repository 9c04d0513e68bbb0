/* SPDX-License-Identifier: MIT */
/* One worktree, watched: its directories, its HEAD, its index and the log of its HEAD. Edits are told when they
 * have come to rest, movements at once. A bare repository is one without a root. */
#ifndef WAKE_WATCHED_H
#define WAKE_WATCHED_H

#include <jansson.h>

#include "event/registry.h"
#include "watcher/tree.h"
#include "watcher/watch_scene.h"

struct wake_watched; /* opaque; owned: wake_watched_free */

struct wake_watched_owner {
	/* Something of that name in its git directory was made, changed or taken away, except for lock files;
	 * "": the git directory itself is gone, or may be, since its root is. The worktree may not be freed in
	 * it. */
	void (*git_changed)(void *context, const char *name);
	/* Its directories are watched, or cannot be; others may begin. */
	void (*phase_changed)(void *context);
	void *context;
};

/* Observes, and watches the git directory. worktree: moved from, also on failure. owner: borrowed, copied. */
int wake_watched_new(struct wake_scene *scene, struct wake_worktree *worktree,
    const struct wake_identity *identity, const struct wake_watched_owner *owner,
    struct wake_watched **ret_watched, struct wake_error *err) WAKE_MUST_CHECK;
/* What is pending is lost: wake_watched_flush comes before, where there is anybody to tell it to. */
void wake_watched_free(struct wake_watched *watched);

/* Begins with the directories, if it has not: a tree that is listed keeps a disk busy, so the caller sees to
 * it that few do it at once. */
void wake_watched_begin(struct wake_watched *watched);
bool wake_watched_has_begun(const struct wake_watched *watched);	/* or is gone, or has no root */
bool wake_watched_is_ready(const struct wake_watched *watched);	/* ready, degraded or gone */

void wake_watched_replan(struct wake_watched *watched);	/* what git ignores may have changed */
/* Events of its git directory were lost: looks at everything there again. */
void wake_watched_look(struct wake_watched *watched);
/* refs/heads/BRANCH has moved; NULL: any branch may have. Where HEAD is on it, HEAD has moved without a line. */
void wake_watched_branch_moved(struct wake_watched *watched, const char *branch);

/* Tells all that is pending and observes, now. */
int wake_watched_flush(struct wake_watched *watched, struct wake_error *err) WAKE_MUST_CHECK;

bool wake_watched_is_blind(const struct wake_watched *watched); /* that git directory is gone: open it anew */
const struct wake_worktree *wake_watched_worktree(const struct wake_watched *watched);	/* borrowed */
const struct wake_identity *wake_watched_identity(const struct wake_watched *watched);	/* borrowed */
int64_t wake_watched_pending_since(const struct wake_watched *watched);	/* microseconds UTC; 0: nothing */

/* One item of the status document's "worktrees"; owned: json_decref. */
int wake_watched_status(const struct wake_watched *watched, json_t **ret_item, struct wake_error *err)
    WAKE_MUST_CHECK;
/* The same for what could not be watched at all. */
int wake_watched_status_of(const char *root, const char *phase, const char *problem, json_t **ret_item,
    struct wake_error *err) WAKE_MUST_CHECK;

#endif
