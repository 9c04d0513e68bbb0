/* SPDX-License-Identifier: MIT */
/* Directories that are not there, waited for: a worktree's root that was deleted, a repository that was moved
 * away. The nearest directory above that exists is watched, and nothing else. */
#ifndef WAKE_RETURNS_H
#define WAKE_RETURNS_H

#include "watcher/inotify.h"
#include "watcher/loop.h"

struct wake_returns; /* opaque; owned: wake_returns_free */

/* Lies in its owner's structure; forgotten before that goes. */
struct wake_return {
	const char *path;			/* borrowed; absolute */
	/* The directory is there: called once, from the loop. It may not wait for the same one again. */
	void (*there)(void *context);
	void *context;
	struct wake_return *next;		/* the module's */
	bool waiting;				/* the module's */
};

int wake_returns_new(struct wake_loop *loop, struct wake_inotify *inotify, struct wake_returns **ret_returns,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_returns_free(struct wake_returns *returns); /* nobody may be waiting any more */

/* Where no watch can be had it looks from time to time, more and more seldom. */
void wake_returns_wait(struct wake_returns *returns, struct wake_return *one);
void wake_returns_forget(struct wake_returns *returns, struct wake_return *one);
void wake_returns_look(struct wake_returns *returns); /* looks for all of them again, now */

#endif
