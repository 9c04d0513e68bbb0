/* SPDX-License-Identifier: MIT */
/* Forgetting what was said in a run. A purge is an event: its fold blanks what the tables and the ledger hold, and
 * whatever tells of the run later is blanked before it is written, so that the tables stay a function of the set of
 * events. Ids, times and figures stay. */
#ifndef WAKE_PURGE_H
#define WAKE_PURGE_H

#include "base/paths.h"
#include "event/event.h"
#include "store/store.h"

/* Inside a transaction, before a batch is written: blanks those of its events that tell of a purged run, or of one
 * that the batch itself purges. ret_blanked: one for each event, whether it was changed. */
int wake_purge_gate(struct wake_store *store, struct wake_events *batch, bool *ret_blanked, struct wake_error *err)
    WAKE_MUST_CHECK;

/* The payload of such an event, for the ledger that has it as it was. */
int wake_purge_rewrite(struct wake_store *store, const struct wake_event *event, struct wake_error *err)
    WAKE_MUST_CHECK;

/* What there is to forget. */
struct wake_purge_extent {
	int64_t events;		/* with words in them */
	int64_t bytes;		/* of these words, as the ledger holds them */
	int64_t states;		/* of edits, with kept contents */
	int64_t kept_bytes;	/* that these were counted with when they were kept */
};
int wake_purge_measure(struct wake_store *store, const char *run, struct wake_purge_extent *ret_extent,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Rows that a copy brought as they are may tell again what was forgotten here: each purged run is blanked again. */
int wake_purge_again(struct wake_store *store, struct wake_error *err) WAKE_MUST_CHECK;

/* Is any run purged? */
int wake_purge_is_any(struct wake_store *store, bool *ret_any, struct wake_error *err) WAKE_MUST_CHECK;

/* Removes the contents of purged runs' edits that are kept on this machine and that no other state needs. The caller
 * holds the recorder's lock, and has no kept repository open. ret_repositories: that something was removed from. */
int wake_purge_kept(struct wake_store *store, const struct wake_paths *paths, int64_t *ret_repositories,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Writes a SQLite store's file anew and empties its write-ahead log, so that nothing of what rows once held is left
 * in either. WAKE_BUSY: another program reads it, for more than 30 s. */
int wake_purge_file(const char *path, struct wake_error *err) WAKE_MUST_CHECK;

#endif
