/* SPDX-License-Identifier: MIT */
/* The edits of one worktree that have not been told yet: a set of paths, or all of it. */
#ifndef WAKE_PENDING_H
#define WAKE_PENDING_H

#include "event/edited.h"

#define WAKE_PENDING_MAX 2000 /* paths; more of them are told as a whole */

struct wake_pending {	/* zeroed: nothing */
	char **slots;		/* owned, as the texts are: open addressing, NULL: free */
	size_t room, count;
	bool whole;
	bool scanned;		/* it is to be looked at as a whole, whoever has edited what */
	bool lost;		/* events were lost: a gap belongs to it */
	bool head;		/* where HEAD is, or the index, has changed */
	int64_t since;		/* when the first of them was seen, microseconds UTC; 0: nothing is pending */
};

/* Never fails: where memory is out, it becomes the whole. path: borrowed, relative to the root. */
void wake_pending_add(struct wake_pending *pending, const char *path);
void wake_pending_add_whole(struct wake_pending *pending);
void wake_pending_add_head(struct wake_pending *pending);
bool wake_pending_has_any(const struct wake_pending *pending);
void wake_pending_clear(struct wake_pending *pending); /* releases, too */

/* Adds its `edited` events, each complete by itself and small enough for the spool. place: worktree, identity,
 * run_id and at; the rest is filled in. */
int wake_pending_format(const struct wake_pending *pending, const struct wake_edited *place,
    struct wake_events *events, struct wake_error *err) WAKE_MUST_CHECK;

#endif
