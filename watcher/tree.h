/* SPDX-License-Identifier: MIT */
/* The directories of one worktree, watched, without what git ignores; no file is ever opened, none but
 * directories are looked at. Events are hints: the recorder compares. */
#ifndef WAKE_TREE_H
#define WAKE_TREE_H

#include "watcher/inotify.h"
#include "watcher/loop.h"

struct wake_tree; /* opaque; owned: wake_tree_free */

struct wake_tree_owner {
	/* A path relative to the root may have changed, appeared or gone: a file, a symbolic link, a nested
	 * repository as a whole, or a directory, and then everything below it. borrowed; bytes. Told for
	 * every file found in a new directory too. Not told: .git, what lies in ignored directories, and files
	 * that git ignores, all unless tracked; only .runwake in the root is told in any case. */
	void (*changed)(void *context, const char *path);
	/* Any path may have changed: first scan, events lost, a directory moved away. reason: static ("scan",
	 * "overflow", "unmount", "periodic"). */
	void (*changed_wholly)(void *context, const char *reason);
	/* The phase below has changed. */
	void (*changed_phase)(void *context);
	/* The root itself is gone (deleted, moved, unmounted): free the tree, here or later; in the other
	 * callbacks it must not be freed. Told once, and nothing after it. */
	void (*gone)(void *context);
	void *context;
};

enum wake_tree_phase {
	WAKE_TREE_LISTING,	/* git lists what it ignores */
	WAKE_TREE_WALKING,	/* directories are being registered */
	WAKE_TREE_READY,
	WAKE_TREE_DEGRADED,	/* the limit is reached: scanned from time to time instead */
};

struct wake_tree_status {
	enum wake_tree_phase phase;
	size_t directories;	/* watched now */
	size_t found;		/* directories found by the latest walk so far; when degraded: those needed */
	uint64_t rescans;
	int64_t ready_after;	/* microseconds from opening to the first READY; 0: not yet */
	char problem[512];	/* why degraded, or the latest failure; "" if none */
};

/* root: absolute, the worktree's; git_dir: its own. Begins at once, by pieces, through the loop. */
int wake_tree_new(struct wake_loop *loop, struct wake_inotify *inotify, const char *root, const char *git_dir,
    const struct wake_tree_owner *owner, struct wake_tree **ret_tree, struct wake_error *err) WAKE_MUST_CHECK;
void wake_tree_free(struct wake_tree *tree);

/* Neither watches nor tells what lies in that directory: our own state, in a repository around it, would
 * change with everything that is told. Before the loop turns; one outside of the root changes nothing, and of
 * several the latest counts. directory: absolute. */
int wake_tree_exclude(struct wake_tree *tree, const char *directory, struct wake_error *err) WAKE_MUST_CHECK;

/* What git ignores may have changed outside of the worktree (info/exclude, settings): plan again. A changed
 * .gitignore inside is noticed by the tree itself. */
void wake_tree_replan(struct wake_tree *tree);

/* The index has changed: what lies in an ignored place may be tracked now (git add -f). Cheap, and put off
 * until the index is at rest. */
void wake_tree_recheck(struct wake_tree *tree);

void wake_tree_status(const struct wake_tree *tree, struct wake_tree_status *ret_status);

#endif
