/* SPDX-License-Identifier: MIT */
/* Inner to watched*.c. */
#ifndef WAKE_WATCHED_PARTS_H
#define WAKE_WATCHED_PARTS_H

#include "base/fs.h"
#include "watcher/pending.h"
#include "watcher/returns.h"
#include "watcher/settle.h"
#include "watcher/watched.h"

struct wake_watched {
	struct wake_scene *scene;
	struct wake_watched_owner owner;
	struct wake_worktree worktree;
	struct wake_identity identity;

	/* watched_git.c */
	int git_wd, logs_wd;		/* -1: not watched */
	struct wake_timer observe;	/* lines only */
	struct wake_timer settled;	/* compares HEAD with the last line, too */
	int64_t observed_at;		/* monotonic */
	unsigned observe_failures;	/* in a row */
	char git_problem[WAKE_ERROR_TEXT_SIZE];

	/* watched_edits.c */
	struct wake_tree *tree;		/* NULL: not begun, gone, or bare */
	struct wake_fs_identity root;	/* what is watched as the tree */
	struct wake_return back;	/* waits for a root that is gone */
	struct wake_timer begin;	/* its root is back */
	bool gone;
	struct wake_pending pending;
	struct wake_settle settle;
	struct wake_timer tell;
	int64_t scanned_at;		/* monotonic: when the last periodic scan was told */
	unsigned tell_failures;		/* in a row */
	unsigned begin_failures;	/* in a row */
	char tree_problem[WAKE_ERROR_TEXT_SIZE];
};

int wake_watched_git_open(struct wake_watched *watched, struct wake_error *err) WAKE_MUST_CHECK;
void wake_watched_git_close(struct wake_watched *watched);
int wake_watched_observe(struct wake_watched *watched, bool settled, struct wake_error *err) WAKE_MUST_CHECK;

void wake_watched_edits_open(struct wake_watched *watched);
void wake_watched_edits_close(struct wake_watched *watched);
void wake_watched_head_changed(struct wake_watched *watched);
void wake_watched_index_changed(struct wake_watched *watched);
int wake_watched_tell(struct wake_watched *watched, struct wake_error *err) WAKE_MUST_CHECK;

#endif
