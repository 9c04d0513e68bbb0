/* SPDX-License-Identifier: MIT */
/* `edited` events: hints that files of a worktree may have changed. */
#ifndef WAKE_EDITED_H
#define WAKE_EDITED_H

#include "event/event.h"
#include "event/registry.h"

/* All borrowed. */
struct wake_edited {
	const struct wake_worktree *worktree;	/* not of a bare repository */
	const struct wake_identity *identity;
	const char *reason;	/* settled, scan, start, finish, died, head */
	const char *run_id;	/* whom the marker named; NULL: nobody */
	int64_t since;		/* when the first of the changes was seen; 0: as at */
	int64_t at;		/* when they had come to rest; 0: now */
	json_t *paths;		/* a list, by wake_event_add_path; NULL: whole */
};

/* Adds one event. */
int wake_edited_add(struct wake_events *events, const struct wake_edited *edited, struct wake_error *err)
    WAKE_MUST_CHECK;

#endif
