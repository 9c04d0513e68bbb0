/* SPDX-License-Identifier: MIT */
/* Retention: what the settings say is too old is removed. Of an event its payload goes and its id stays, so that no
 * witness brings it back; of contents the objects go, while the states' numbers stay. */
#ifndef WAKE_TRIM_H
#define WAKE_TRIM_H

#include "base/id.h"
#include "base/paths.h"
#include "store/store.h"

struct wake_trimmed {
	int64_t payloads;	/* blanked */
	int64_t repositories;	/* whose kept contents were gone through */
	bool more;		/* the ledger is not through yet */
};

/* Blanks payloads of events that happened before, in pieces of some thousand events with a transaction each, so many
 * pieces at most. id: where to begin ("": at the beginning), and where to go on; "" when it is through. Left alone is
 * what somebody still has to read: events not folded yet, movements not examined yet, hints not followed yet. */
int wake_trim_payloads(struct wake_store *store, int64_t before, size_t pieces, char id[WAKE_ID_SIZE],
    int64_t *ret_blanked, struct wake_error *err) WAKE_MUST_CHECK;

/* Removes contents of the states before, in every kept repository with one since the last time. What a worktree held
 * by then stays as long as nothing newer takes its place. */
int wake_trim_kept(struct wake_store *store, const struct wake_paths *paths, int64_t last, int64_t before,
    int64_t *ret_repositories, struct wake_error *err) WAKE_MUST_CHECK;

/* Both, by the settings, and what is kept here of runs that were purged elsewhere. The caller holds the recorder's
 * lock. all: now, and the whole ledger; else what is due: once a day, and a bounded piece of the ledger at a time.
 * STATE/trimmed remembers when and how far. */
int wake_trim(struct wake_store *store, const struct wake_paths *paths, bool all, struct wake_trimmed *ret_trimmed,
    struct wake_error *err) WAKE_MUST_CHECK;

#endif
