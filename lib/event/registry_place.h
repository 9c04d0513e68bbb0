/* SPDX-License-Identifier: MIT */
/* A place in a log, told by the ids of the last lines before it; and the small files in a git directory's
 * runwake/ that keep such places. Inner to registry and observe. */
#ifndef WAKE_REGISTRY_PLACE_H
#define WAKE_REGISTRY_PLACE_H

#include "event/reflog.h"

#define WAKE_REGISTRY_PLACE_LINES 16 /* some of them may be deleted or expire */

/* What a place is for: runwake/KIND-NONCE. */
#define WAKE_REGISTRY_BASELINE "baseline" /* where recording began */
#define WAKE_REGISTRY_SEEN "seen" /* how far it was observed, for the sake of copies of the directory */

struct wake_registry_place {
	char ids[WAKE_REGISTRY_PLACE_LINES][WAKE_ID_SIZE];
	size_t count;
};

/* One more line at the place's end. */
void wake_registry_place_add(struct wake_registry_place *place, const char *id);

/* The place before the line of that index. log must be whole. */
struct wake_registry_place wake_registry_place_before(
    const struct wake_reflog *log, size_t index, const char *nonce, const char *log_name);

/* The index after the last of the place's lines that is still there; 0 if none is: what is there is newer.
 * log must be whole. */
size_t wake_registry_place_find(const struct wake_reflog *log, const struct wake_registry_place *place,
    const char *nonce, const char *log_name);

/* dir: the runwake/ of a git directory. WAKE_NOTFOUND; WAKE_CORRUPT. */
int wake_registry_place_read(const char *dir, const char *kind, const char *nonce,
    struct wake_registry_place *ret_place, struct wake_error *err) WAKE_MUST_CHECK;
int wake_registry_place_write(const char *dir, const char *kind, const char *nonce,
    const struct wake_registry_place *place, struct wake_error *err) WAKE_MUST_CHECK;
/* The same in place: WAKE_NOTFOUND if it is not there. `git worktree remove` fails where a file is made in the
 * directory that it empties. */
int wake_registry_place_rewrite(const char *dir, const char *kind, const char *nonce,
    const struct wake_registry_place *place, struct wake_error *err) WAKE_MUST_CHECK;

#endif
