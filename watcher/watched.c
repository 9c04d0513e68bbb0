/* SPDX-License-Identifier: MIT */
/* One worktree, watched. */
#include "watcher/watched.h"

#include <stdlib.h>

#include "watcher/watched_parts.h"

int wake_watched_new(struct wake_scene *scene, struct wake_worktree *worktree,
    const struct wake_identity *identity, const struct wake_watched_owner *owner,
    struct wake_watched **ret_watched, struct wake_error *err)
{
	struct wake_watched *watched = calloc(1, sizeof(*watched));
	struct wake_error noted;
	int ret;

	if (!watched) {
		wake_worktree_release(worktree);
		return wake_fail_nomem(err);
	}
	watched->scene = scene;
	watched->owner = *owner;
	watched->worktree = *worktree;
	*worktree = (struct wake_worktree){ 0 }; /* ours now */
	watched->identity = *identity;
	watched->git_wd = watched->logs_wd = -1;
	wake_watched_edits_open(watched);
	ret = wake_watched_git_open(watched, err);
	if (ret < 0) {
		wake_watched_free(watched);
		return ret;
	}
	(void)!wake_watched_observe(watched, true, &noted); /* what fails is tried again */
	*ret_watched = watched;
	return WAKE_OK;
}

void wake_watched_free(struct wake_watched *watched)
{
	if (!watched)
		return;
	wake_watched_git_close(watched);
	wake_watched_edits_close(watched);
	wake_worktree_release(&watched->worktree);
	free(watched);
}

bool wake_watched_has_begun(const struct wake_watched *watched)
{
	return watched->tree || watched->gone || !watched->worktree.root;
}

bool wake_watched_is_ready(const struct wake_watched *watched)
{
	struct wake_tree_status status;

	if (!watched->tree)
		return wake_watched_has_begun(watched);
	wake_tree_status(watched->tree, &status);
	return status.phase == WAKE_TREE_READY || status.phase == WAKE_TREE_DEGRADED;
}

void wake_watched_replan(struct wake_watched *watched)
{
	if (watched->tree)
		wake_tree_replan(watched->tree);
	else if (watched->gone && !watched->back.waiting)
		wake_watched_begin(watched);
}

int wake_watched_flush(struct wake_watched *watched, struct wake_error *err)
{
	struct wake_error later;
	int ret = wake_watched_observe(watched, true, err);

	if (ret < 0) {
		(void)!wake_watched_tell(watched, &later);
		return ret;
	}
	return wake_watched_tell(watched, err);
}

bool wake_watched_is_blind(const struct wake_watched *watched)
{
	return watched->git_wd < 0;
}

const struct wake_worktree *wake_watched_worktree(const struct wake_watched *watched)
{
	return &watched->worktree;
}

const struct wake_identity *wake_watched_identity(const struct wake_watched *watched)
{
	return &watched->identity;
}

int64_t wake_watched_pending_since(const struct wake_watched *watched)
{
	return watched->pending.since;
}
